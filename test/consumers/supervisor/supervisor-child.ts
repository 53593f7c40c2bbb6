// A supervisor in a process of its own, which a test can kill.
import { connect } from "../../../bus/index.js";
import { Supervisor } from "../../../consumers/index.js";
import { childOptions, onParent, tellParent } from "../../bus/child.js";

const options = childOptions<{ dir: string; url: string; plugin: string }>();
const bus = await connect(options.url);
const supervisor = await Supervisor.open({ ...options, source: bus.source, cwd: "/" });
onParent({ status: () => ({ status: supervisor.status }) });
tellParent("ready");
