// A subscriber in a process of its own: reads everything, and checks that offsets are dense.
import { connect } from "../../bus/client/connect.js";
import { childOptions, onParent, tellParent } from "./child.js";

const { url, offset } = childOptions<{ url: string; offset: number }>();
const bus = await connect(url);
let next = offset;
let faults = 0;
onParent({ report: () => ({ next, faults }) });
const subscription = bus.subscribe("#", { from: { offset } });
void subscription.whenCaughtUp().then(() => tellParent("ready"));
for await (const { events } of subscription.batches())
  for (const event of events) {
    if (event.offset !== next) faults++;
    next = event.offset + 1;
  }
