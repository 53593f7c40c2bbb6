// Puts blobs into a log's folder, one after the other, until it is killed.
import { openBus } from "../../../bus/open-bus.js";
import { childOptions, onParent, tellParent } from "../child.js";

const { dir, round } = childOptions<{ readonly dir: string; readonly round: number }>();
const bus = await openBus({ dir });
onParent({});
tellParent("ready");
for (let n = 0; ; n++) {
  const sha256 = await bus.blobs.put(Buffer.alloc(200_000 + n, `${round}:${n};`));
  tellParent("put", { sha256 });
}
