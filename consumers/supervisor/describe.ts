import { FedbusError } from "../../schemas/index.js";
import { forkHost, type HostSurroundings } from "./fork-host.js";
import { isFromHost } from "./from-host.js";
import { type SupervisorLimits, supervisorLimits } from "./limits.js";
import type { DescribeRequest, Description } from "./messages.js";

/** Characters kept of what a process printed before it died. */
const printedMax = 500;

/**
 * Has a plugin say what it is, in a process of its own: a plugin that loops, exits or crashes while
 * it is imported does no harm here. Rejects with PLUGIN_NOT_FOUND, PLUGIN_INVALID or OPTIONS_INVALID.
 */
export async function describe(
  request: DescribeRequest,
  surroundings: HostSurroundings,
  limits: Pick<SupervisorLimits, "heapMbMax" | "startMs"> = supervisorLimits,
): Promise<Description> {
  const child = forkHost(surroundings, limits);
  let printed = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-printedMax);
  });
  const { startMs } = limits;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Description>((resolve, reject) => {
      const fail = (why: string): void => reject(unusable(request.plugin, why));
      timer = setTimeout(() => fail(`it was not imported within ${startMs} ms (startMs)`), startMs);
      child.on("message", (message) => {
        if (!isFromHost(message)) return;
        if (message.kind === "described") resolve(message.description);
        else if (message.kind === "failed") reject(FedbusError.fromJSON(message.error));
      });
      child.on("error", (error) => fail(error.message));
      child.on("close", (code, signal) =>
        fail(`its process ended (${signal ?? code}) while it was imported\n${printed}`.trim()),
      );
      child.send({ kind: "describe", request }, () => {});
    });
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
}

function unusable(plugin: string, why: string): FedbusError {
  return new FedbusError("PLUGIN_INVALID", `the plugin ${plugin} is not usable: ${why}`, {
    details: { plugin },
  });
}
