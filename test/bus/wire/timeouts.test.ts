import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { openRouter } from "../../../bus/wire/sockets.js";

t.test("timeouts: a schema may take longer to register than other requests", async (t) => {
  const router = openRouter();
  await router.bind("tcp://127.0.0.1:*");
  const bus = await connect(router.lastEndpoint!, { lazy: true, timeoutMs: 100 });
  const schema = { name: "a", version: 1, topics: ["a"], schema: {} };
  const registered = bus.registerSchema(schema);
  const [client, control] = await router.receive();
  await t.rejects(bus.stats(), { code: "HUB_UNREACHABLE" });
  const { id } = JSON.parse(control!.toString()) as { id: number };
  await router.send([client!, JSON.stringify({ id, result: 7 })]);
  t.equal(await registered, 7);
  await bus.close();
  router.close();
});
