import { connect } from "../../../bus/index.js";
import { ConsumerHome } from "../../../consumers/index.js";
import { promote, Replay } from "../../../replay/index.js";
import { severe } from "./severe.js";

/** Promotes a replay of the new alarms, and dies at its `killAt`th step, if there is one. */
const { url, dir, killAt } = JSON.parse(process.argv[2]!) as {
  readonly url: string;
  readonly dir: string;
  readonly killAt: number | null;
};
let steps = 0;
const hook = (): void => {
  if (++steps === killAt) process.kill(process.pid, "SIGKILL");
};
await using bus = await connect(url);
const home = new ConsumerHome(dir);
await using replay = await Replay.open({
  source: bus.source,
  consumer: severe,
  dir: `${dir}/replays/severe`,
  limits: { commitEventsMax: 50 },
  hook,
});
await promote({ bus, consumer: { name: "alarms", home }, replay, hook });
