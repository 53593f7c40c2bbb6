import type { Command } from "../command.js";
import { consumers } from "./consumers/index.js";
import { dlq } from "./dlq/index.js";
import { doctor } from "./doctor.js";
import { explain } from "./explain.js";
import { hub } from "./hub.js";
import { init } from "./init/index.js";
import { log } from "./log/index.js";
import { model } from "./model/index.js";
import { publish } from "./publish.js";
import { query } from "./query.js";
import { replay } from "./replay.js";
import { run } from "./run.js";
import { schema } from "./schema/index.js";
import { state } from "./state.js";
import { tail } from "./tail.js";
import { topics } from "./topics.js";
import { up } from "./up.js";
import { whatif } from "./whatif.js";

/** Every command, in the order that `--help` lists them. */
export const commands: readonly Command[] = [
  up,
  hub,
  publish,
  tail,
  query,
  replay,
  whatif,
  explain,
  topics,
  run,
  consumers,
  state,
  dlq,
  model,
  init,
  log,
  schema,
  doctor,
];
