import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Test } from "tap";
import type { Envelope } from "../../schemas/index.js";
import { cli } from "../cli/spawn-cli.js";
import type { Example, Outcome } from "./outcome.js";

const run = promisify(execFile);

/**
 * Runs the commands of an example's README, as they are: only that `npx fedbus` is the command line that was built
 * for the tests, on any free port and over a log of its own.
 */
export async function asWritten(
  t: Test,
  { commands }: Example,
  { root, data }: { readonly root: string; readonly data: string },
): Promise<Omit<Outcome, "input"> & { readonly said: string }> {
  const main = join(root, "build/cli/main.js");
  const dir = join(t.testdir(), "log");
  const env = {
    ...process.env,
    ...{ NO_COLOR: "1", FEDBUS_DATA: data, FEDBUS_DIR: dir },
  };
  const bash = async (script: string): Promise<string> => {
    const free = `case $1 in run) set -- "$@" --listen 'tcp://127.0.0.1:*';; esac`;
    const npx = `npx() { shift; ${free}; "${process.execPath}" "${main}" "$@"; }`;
    const whole = `${npx}\n${script}`;
    const options = { cwd: root, env, maxBuffer: 2 ** 28 };
    return (await run("bash", ["-euo", "pipefail", "-c", whole], options)).stdout;
  };
  const lines = (text: string): unknown[] =>
    text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));

  const ask = async (...line: string[]): Promise<unknown[]> => {
    const { code, out, err } = await cli([...line, "--dir", dir, "--json"]);
    if (code !== 0) throw new Error(err);
    return lines(out);
  };

  const said = await bash(commands);
  const stored = (await ask("query")) as { readonly event: Envelope }[];
  return {
    said,
    bodies: <Body>(topic: string) =>
      stored.filter(({ event }) => event.topic === topic).map(({ event }) => event.msg as Body),
    table: async <Value>(consumer: string, table = "state") => {
      const found = await ask("state", consumer, "--table", table, "--limit", "10000");
      const entries = found as { readonly key: string; readonly value: Value }[];
      return new Map(entries.map(({ key, value }) => [key, value]));
    },
  };
}
