import { commandGroup } from "../../command.js";
import { add } from "./add.js";
import { check } from "./check.js";
import { list } from "./list.js";
import { show } from "./show.js";

export const schema = commandGroup("schema", "Register and look at schemas", [
  add,
  list,
  show,
  check,
]);
