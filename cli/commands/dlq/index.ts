import { commandGroup } from "../../command.js";
import { drop } from "./drop.js";
import { list } from "./list.js";
import { retry } from "./retry.js";
import { show } from "./show.js";

export const dlq = commandGroup("dlq", "Deal with dead letters: list, show, retry, drop", [
  list,
  show,
  retry,
  drop,
]);
