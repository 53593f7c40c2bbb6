import { once } from "node:events";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import t from "tap";
import { askSupervisor } from "../../consumers/control/ask.js";
import { readControlFile } from "../../consumers/control/control-file.js";
import { ControlServer } from "../../consumers/control/control-server.js";
import { FedbusError } from "../../schemas/index.js";
import { until } from "../bus/turns.js";

/** What the server answers to these bytes. */
async function say(port: number, bytes: string): Promise<{ error?: { code: string } }> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return JSON.parse(answer) as { error?: { code: string } };
}

t.test("control: asks by name, and passes on what it answers", async (t) => {
  const dir = t.testdir();
  const server = await ControlServer.open(dir, {
    double: (params) => (params as { n: number }).n * 2,
    nothing: () => undefined,
    refuse: () => Promise.reject(new FedbusError("OFFSET_INVALID", "no", { details: { a: 1 } })),
    fault: () => {
      throw new TypeError("oh");
    },
  });
  t.equal(statSync(join(dir, "control.json")).mode & 0o777, 0o600, "for this user alone");
  t.equal(await askSupervisor(dir, "double", { n: 4 }), 8);
  t.equal(await askSupervisor(dir, "nothing"), null);
  await t.rejects(askSupervisor(dir, "refuse"), { code: "OFFSET_INVALID", details: { a: 1 } });
  await t.rejects(askSupervisor(dir, "fault"), { code: "INTERNAL" });
  for (const op of ["toString", "__proto__", ""])
    await t.rejects(askSupervisor(dir, op), { code: "PROTOCOL_INVALID" }, op);
  await server[Symbol.asyncDispose]();
  await t.rejects(askSupervisor(dir, "double"), { code: "CONSUMER_BUSY" });
});

t.test("control: takes no request without the token, and none that is too long", async (t) => {
  const dir = t.testdir();
  let asked = 0;
  const server = await ControlServer.open(dir, { ask: () => ++asked });
  t.teardown(() => server[Symbol.asyncDispose]());
  const { port, token } = (await readControlFile(dir))!;
  const wrong = { error: { code: "PROTOCOL_INVALID" } };
  for (const given of ["", "x", token.slice(1), `${token}0`, null, 7])
    t.match(await say(port, `${JSON.stringify({ token: given, op: "ask" })}\n`), wrong);
  for (const line of ["{", "null", "7", "[]", `"${"x".repeat(70_000)}"`])
    t.match(await say(port, `${line}\n`), wrong, line.slice(0, 20));
  t.match(await say(port, "x".repeat(70_000)), wrong, "a line that does not end");
  t.equal(asked, 0);
  const padded = JSON.stringify({ token, op: "ask", params: "x".repeat(60_000) });
  t.match(await say(port, `${padded}\n`), { result: 1 }, "a long one within the limit");
});

t.test("control: connections that are kept open after their answer shut nobody out", async (t) => {
  const dir = t.testdir();
  const server = await ControlServer.open(dir, { ask: () => 1 });
  t.teardown(() => server[Symbol.asyncDispose]());
  const { port } = (await readControlFile(dir))!;
  for (let count = 0; count < 33; count++) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    socket.on("error", () => {}).write("no request\n");
    await once(socket, "data");
  }
  await until(async () => (await askSupervisor(dir, "ask").catch(() => 0)) === 1);
});

t.test("control: a port that is somebody else's gives no answer", async (t) => {
  const dir = t.testdir({ "control.json": `{"port":1,"token":"x"}` });
  await t.rejects(askSupervisor(dir, "status"), { code: "CONSUMER_BUSY" });
  const damaged = t.testdir({ "control.json": "{" });
  await t.rejects(askSupervisor(damaged, "status"), { code: "CONSUMER_BUSY" });
});
