import { once } from "node:events";
import { connect } from "node:net";
import { type ErrorJson, FedbusError } from "../../schemas/index.js";
import { readControlFile } from "./control-file.js";
import { firstLine } from "./lines.js";

const answerBytesMax = 256 * 1024 * 1024;
/** A consumer may have to come to a clean end first. */
const answerTimeoutMs = 120_000;

/**
 * Asks the process that runs a consumer. Rejects with CONSUMER_BUSY if it cannot be reached or does
 * not answer, and with what it answers.
 */
export async function askSupervisor(
  dir: string,
  op: string,
  params: unknown = {},
): Promise<unknown> {
  const control = await readControlFile(dir);
  if (control === undefined)
    throw new FedbusError("CONSUMER_BUSY", "the process that runs the consumer is not ready yet");
  const socket = connect(control.port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(`${JSON.stringify({ token: control.token, op, params })}\n`);
    const limits = { bytesMax: answerBytesMax, timeoutMs: answerTimeoutMs };
    const answer = JSON.parse(await firstLine(socket, limits)) as {
      readonly result?: unknown;
      readonly error?: ErrorJson;
    };
    if (answer.error !== undefined) throw FedbusError.fromJSON(answer.error);
    return answer.result;
  } catch (cause) {
    if (cause instanceof FedbusError) throw cause;
    throw new FedbusError("CONSUMER_BUSY", "the process that runs the consumer does not answer", {
      cause,
    });
  } finally {
    socket.destroy();
  }
}
