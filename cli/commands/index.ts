import type { Command } from "../command.js";
import { doctor } from "./doctor.js";
import { hub } from "./hub.js";
import { log } from "./log/index.js";
import { publish } from "./publish.js";
import { query } from "./query.js";
import { replay } from "./replay.js";
import { schema } from "./schema/index.js";
import { tail } from "./tail.js";
import { topics } from "./topics.js";
import { up } from "./up.js";

/** Every command, in the order that `--help` lists them. */
export const commands: readonly Command[] = [
  up,
  hub,
  publish,
  tail,
  query,
  replay,
  topics,
  log,
  schema,
  doctor,
];
