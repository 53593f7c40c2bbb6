#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Stop } from "./context.js";
import { exit } from "./exit.js";
import { Output } from "./output.js";
import { run } from "./run.js";

/** How long work may take to end after the reader of standard output has gone. */
const quietEndMs = 2_000;

const stop = new AbortController();

function onReaderLeft(): void {
  stop.abort(new Stop("reader left"));
  setTimeout(() => process.exit(exit.ok), quietEndMs).unref();
}

/** The first Ctrl-C lets the work end in order; a second one ends it at once. */
function onSignal(): void {
  if (stop.signal.aborted) process.exit(exit.interrupted);
  stop.abort(new Stop("interrupted"));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };
const out = new Output(process.stdout, { onReaderLeft });
const err = new Output(process.stderr, { lossy: true });

const code = await run({
  line: process.argv.slice(2),
  environment: process.env,
  input: process.stdin,
  out,
  err,
  signal: stop.signal,
  version,
  cwd: process.cwd(),
});
await err.flush();
process.exit(code);
