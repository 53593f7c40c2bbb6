import { commandGroup } from "../../command.js";
import { backup } from "./backup.js";
import { exportLog } from "./export.js";
import { importLog } from "./import.js";
import { info } from "./info.js";
import { repair } from "./repair.js";
import { trim } from "./trim.js";
import { verifyLog } from "./verify.js";

export const log = commandGroup("log", "Look after the log: info, verify, export, backup ...", [
  info,
  verifyLog,
  trim,
  exportLog,
  importLog,
  backup,
  repair,
]);
