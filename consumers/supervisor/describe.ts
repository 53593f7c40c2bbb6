import type { ChildProcess } from "node:child_process";
import type { Logger } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { forkHost, type HostSurroundings } from "./fork-host.js";
import { isFromHost } from "./from-host.js";
import { type SupervisorLimits, supervisorLimits } from "./limits.js";
import type { DescribeRequest, Description } from "./messages.js";

/** Characters kept of what a process printed before it died. */
const printedMax = 500;
/** After so long a person is told what is waited for, ms. */
const slowMs = 5_000;

const whatLasts = "a loop or an await at the top level of its module, or of one that it imports";
const howToLook = `if that does not end, look for ${whatLasts}`;

/** What a plugin's process is given, and who hears of it. */
export interface DescribeSurroundings extends HostSurroundings {
  /** Aborted when nobody wants to know any more. */
  readonly signal?: AbortSignal;
  /** Told what is waited for. Default: silent. */
  readonly logger?: Logger;
}

/**
 * Has a plugin say what it is, in a process of its own: a plugin that loops, exits or crashes while
 * it is imported does no harm here. Rejects with PLUGIN_NOT_FOUND, PLUGIN_INVALID or OPTIONS_INVALID,
 * and with the reason of the signal that aborts it.
 */
export async function describe(
  request: DescribeRequest,
  { signal, logger, ...surroundings }: DescribeSurroundings,
  limits: Pick<SupervisorLimits, "heapMbMax" | "startMs"> = supervisorLimits,
): Promise<Description> {
  signal?.throwIfAborted();
  const child = forkHost(surroundings, limits);
  const { startMs } = limits;
  const { plugin } = request;
  const late = `it was not imported within ${startMs} ms (startMs): look for ${whatLasts}`;
  let leave = (): void => {};
  let timers: NodeJS.Timeout[] = [];
  try {
    return await new Promise<Description>((resolve, reject) => {
      leave = () => reject(signal?.reason);
      signal?.addEventListener("abort", leave, { once: true });
      timers = [
        setTimeout(() => reject(unusable(plugin, late)), startMs),
        setTimeout(
          () => logger?.warn({ plugin, startMs }, `still importing it: ${howToLook}`),
          slowMs,
        ),
      ];
      answer(child, plugin).then(resolve, reject);
      child.send({ kind: "describe", request }, () => {});
    });
  } finally {
    signal?.removeEventListener("abort", leave);
    for (const timer of timers) clearTimeout(timer);
    child.kill("SIGKILL");
  }
}

/** What the process says, or died of. */
function answer(child: ChildProcess, plugin: string): Promise<Description> {
  let printed = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-printedMax);
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(unusable(plugin, why));
    child.on("message", (message) => {
      if (!isFromHost(message)) return;
      if (message.kind === "described") resolve(message.description);
      else if (message.kind === "failed") reject(FedbusError.fromJSON(message.error));
    });
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, signal) =>
      fail(`its process ended (${signal ?? code}) while it was imported\n${printed}`.trim()),
    );
  });
}

function unusable(plugin: string, why: string): FedbusError {
  return new FedbusError("PLUGIN_INVALID", `the plugin ${plugin} is not usable: ${why}`, {
    details: { plugin },
  });
}
