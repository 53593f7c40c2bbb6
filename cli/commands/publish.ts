import type { Publisher } from "../../bus/index.js";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { checkTopic } from "../../schemas/topic.js";
import { withBus } from "../bus-for.js";
import { command } from "../command.js";
import type { Context } from "../context.js";
import { type ExitCode, exit, exitCodeFor } from "../exit.js";
import { BodyEnvelopes } from "../input/body-envelopes.js";
import { BulkPublish } from "../input/bulk.js";
import { bytesRead, isFile, openInput } from "../input/file.js";
import { readLines } from "../input/lines.js";
import { publishLines, wrapBodies } from "../input/published-lines.js";
import { Tally } from "../input/tally.js";
import { showCount } from "../render/amounts.js";
import { startProgress } from "../render/progress.js";
import { renderTally } from "../render/tally.js";
import { keyFiles, keysOption } from "../signing/keys-dir.js";
import { given, missing, notTogether, parseRate } from "../units.js";

interface Bulk {
  /** Undefined: the lines are whole envelopes. */
  readonly topic: string | undefined;
  readonly file: string | undefined;
  readonly rate: number | undefined;
  /** Writes the envelopes of bodies. */
  readonly envelopes: BodyEnvelopes;
}

export const publish = command({
  positionals: {
    topic: { type: "string", describe: "The topic; left out with --envelopes" },
    body: { type: "string", describe: "The body, as JSON; left out, bodies are read line by line" },
  },
  options: {
    file: {
      type: "string",
      describe: "Read lines from this file (default, and -: standard input)",
    },
    envelopes: {
      type: "boolean",
      default: false,
      describe: "Lines are whole events with their topics; their bytes are kept",
    },
    rate: { type: "string", describe: "Events a second, at most: 100/s, 30/m" },
    sign: { type: "string", describe: "Sign with this key or certificate (see `fedbus keys`)" },
    ...keysOption,
    create: { type: "boolean", default: false, describe: "Make a log if there is none" },
  },
  examples: [
    [`$0 publish org.example.dev.shop.order.created '{"id":1}'`, "one event"],
    ["$0 publish org.example.dev.log.line --file bodies.ndjson", "a body a line"],
    ["$0 publish --envelopes --file events.ndjson --rate 100/s", "whole events, slowly"],
  ],
  async run(values, context) {
    const { topic, body, file, envelopes, create } = values;
    const rate = given(values.rate, (text) => parseRate("--rate", text));
    checkTogether({ topic, body, file, envelopes, sign: values.sign });
    if (topic !== undefined) checkTopic(topic);
    const signer =
      values.sign === undefined
        ? undefined
        : await keyFiles(values.keys, context).signer(values.sign);
    const writer = new BodyEnvelopes(context.version, signer);
    return await withBus(
      context.where,
      async ({ bus }) => {
        const publisher = bus.publisher();
        if (topic !== undefined && body !== undefined)
          return await publishOne(publisher, await written(writer, topic, body), context);
        return await publishAll(publisher, { topic, file, rate, envelopes: writer }, context);
      },
      { create },
    );
  },
});

function checkTogether(values: {
  readonly topic: string | undefined;
  readonly body: string | undefined;
  readonly file: string | undefined;
  readonly envelopes: boolean;
  readonly sign: string | undefined;
}): void {
  const { topic, body, file, envelopes, sign } = values;
  if (envelopes && sign !== undefined)
    throw notTogether("--envelopes", "--sign", "whole events keep their bytes");
  if (envelopes && topic !== undefined)
    throw notTogether("--envelopes", "a topic", "each envelope has its own topic");
  if (!envelopes && topic === undefined)
    throw missing("the topic", "name the topic to publish on, or give --envelopes");
  if (body !== undefined && file !== undefined)
    throw notTogether("--file", "a body", "write one body, or name a file of them");
}

/** Throws JSON_INVALID: a body that is none, but the name of a file, was meant for --file. */
async function written(writer: BodyEnvelopes, topic: string, body: string): Promise<Buffer> {
  try {
    return writer.write(topic, Buffer.from(body));
  } catch (error) {
    if (!isFedbusError(error, "JSON_INVALID") || !(await isFile(body))) throw error;
    const remedy = `there is a file of that name: give its lines by --file ${body}`;
    throw new FedbusError(error.code, error.message, {
      details: { ...error.details, remedy },
      cause: error,
    });
  }
}

async function publishOne(
  publisher: Publisher,
  envelope: Buffer,
  { json, out, colours }: Context,
): Promise<ExitCode> {
  const [outcome] = await publisher.publishEnvelopes([envelope]);
  if (outcome === undefined || "error" in outcome)
    throw FedbusError.fromJSON(outcome?.error ?? { code: "INTERNAL", message: "no answer" });
  const { offset } = outcome;
  const text = `${colours.green("accepted")}, offset ${offset}`;
  await (json ? out.json({ offset }) : out.line(text));
  return exit.ok;
}

async function publishAll(publisher: Publisher, bulk: Bulk, context: Context): Promise<ExitCode> {
  const { topic, file, rate, envelopes } = bulk;
  const { signal, json, out, colours } = context;
  const startedMs = performance.now();
  const tally = new Tally();
  const { stream, size } = await openInput(file, context);
  const progress = startProgress(context, "publishing", size);
  const sending = new BulkPublish(publisher, tally, {
    ...(rate === undefined ? {} : { rate }),
    signal,
    onProgress: () => progress.update(bytesRead(stream), `${showCount(tally.accepted)} accepted`),
  });
  try {
    const lines = readLines(stream);
    await publishLines(
      topic === undefined ? lines : wrapBodies(lines, { envelopes, topic, tally }),
      sending,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await sending.finish().finally(() => progress.stop());
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await (json ? out.json(tally) : out.write(renderTally(tally, { seconds, colours })));
  return exitCodeOf(tally, signal);
}

function exitCodeOf(tally: Tally, signal: AbortSignal): ExitCode {
  if (signal.aborted) return exit.interrupted;
  const unreachable = tally.reasons.some(({ code }) => exitCodeFor(code) === exit.unreachable);
  if (unreachable) return exit.unreachable;
  return tally.refused > 0 ? exit.problems : exit.ok;
}
