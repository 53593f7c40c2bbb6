import { commandGroup } from "../../command.js";
import { list } from "./list.js";
import { pause } from "./pause.js";
import { reset } from "./reset.js";
import { resume } from "./resume.js";
import { rewind } from "./rewind.js";
import { show } from "./show.js";

export const consumers = commandGroup(
  "consumers",
  "See and steer consumers: list, pause, reset ...",
  [list, show, pause, resume, reset, rewind],
);
