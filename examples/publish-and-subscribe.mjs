// Two clients of a hub. The subscriber starts at the earliest event, and goes on live.
import { connect, openBus } from "fedbus";

// A hub in this process, so that the example runs alone; else `fedbus up` is one.
const port = 20_000 + (process.pid % 20_000);
const url = `tcp://127.0.0.1:${port}`;
const hub = await openBus({ listen: url });

const sender = await connect(url);
const receiver = await connect(url);
const publisher = sender.publisher();
await publisher.publish("sensors.kitchen.temperature", { celsius: 20.5 });

const subscription = receiver.subscribe("sensors.*.temperature", { from: "earliest" });
subscription.whenCaughtUp().then(async () => {
  console.log("caught up; what comes now is live");
  await publisher.publish("sensors.cellar.temperature", { celsius: 12 });
});

for await (const { offset, topic, msg } of subscription) {
  console.log(offset, topic, msg.celsius);
  if (topic === "sensors.cellar.temperature") break;
}
for (const bus of [sender, receiver, hub]) await bus.close();
