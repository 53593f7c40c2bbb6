import { commandGroup } from "../../command.js";
import { plugin } from "./plugin.js";

export const init = commandGroup("init", "Write something to start from: init plugin", [plugin]);
