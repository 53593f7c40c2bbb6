import { join } from "node:path";
import t from "tap";
import { Subscriber } from "zeromq";
import { freeUrl } from "../bus/ports.js";
import { cli, startHub } from "./spawn-cli.js";

t.test("hub: with an address for fedmsg programs, they are let in and told of", async (t) => {
  const dir = join(t.testdir(), "log");
  const listen = await freeUrl();
  const any = "tcp://127.0.0.1:0";
  const hub = await startHub(dir, [
    ...["--fedmsg-publish", listen, "--fedmsg-inbound", any, "--fedmsg-replay", any],
  ]);
  t.teardown(() => hub.stop());
  await hub.until(new RegExp(`fedmsg programs can join publish=${listen} inbound=tcp`), "err");
  const socket = new Subscriber({ linger: 0, receiveTimeout: 20_000 });
  t.teardown(() => socket.close());
  socket.connect(listen);
  socket.subscribe("shop.");
  const heard = socket.receive();
  // It takes a moment until a subscription has arrived.
  let isHeard = false;
  heard.then(() => {
    isHeard = true;
  });
  while (!isHeard) await cli(["publish", "shop.order", "1", "--dir", dir]);
  t.equal(String((await heard)[0]), "shop.order");
  const other = join(dir, "..", "other");
  const taken = await cli(["hub", "--dir", other, "--listen", any, "--fedmsg-publish", listen]);
  t.match(taken, { code: 4, err: /ADDRESS_IN_USE/ });
  const away = await cli(["hub", "--dir", other, "--listen", any, "--fedmsg-publish", "tcp://*:1"]);
  t.match(away, { err: /ADDRESS_REFUSED/ });
  t.equal(away.code === 0, false);
});
