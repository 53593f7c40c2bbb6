import { commandGroup } from "../../command.js";
import { compare } from "./compare.js";
import { exportModel } from "./export.js";
import { importCommand } from "./import.js";
import { list } from "./list.js";
import { predict } from "./predict.js";
import { promote } from "./promote.js";
import { rollback } from "./rollback.js";
import { scorePastCommand } from "./score-past.js";
import { show } from "./show.js";
import { verify } from "./verify.js";

export const model = commandGroup("model", "Look after models: list, verify, promote, import ...", [
  list,
  show,
  compare,
  verify,
  promote,
  rollback,
  predict,
  scorePastCommand,
  exportModel,
  importCommand,
]);
