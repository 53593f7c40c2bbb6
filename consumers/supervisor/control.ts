import type { StartAt } from "../../bus/index.js";
import { ControlServer } from "../control/control-server.js";
import { borrowerIn } from "./borrow.js";
import type { TableQuery } from "./messages.js";
import type { Supervisor } from "./supervisor.js";

/** Lets commands ask `supervisor`, until it is disposed of. */
export async function openControl(supervisor: Supervisor): Promise<ControlServer> {
  const thenStatus = async (change: Promise<void>) => {
    await change;
    return supervisor.status;
  };
  return await ControlServer.open(supervisor.home.dir, {
    status: () => supervisor.status,
    pause: () => thenStatus(supervisor.pause()),
    resume: () => thenStatus(supervisor.resume()),
    reset: (params) => thenStatus(supervisor.reset((params as { from?: StartAt }).from)),
    rewind: (params) => thenStatus(supervisor.rewind((params as { to: StartAt }).to)),
    lend: (params) => supervisor.lend(borrowerIn(params)),
    query: (params) => supervisor.query(params as TableQuery),
  });
}
