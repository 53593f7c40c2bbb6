// Prints messages of Fedora's infrastructure as events. Where the real ones are not at hand, it makes some up.
import { readFileSync } from "node:fs";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { pick, seededRandom } from "../input/seeded-random.mjs";

const file = realData("fedora", "messages.ndjson");
const messages = file === undefined ? [...madeUp(600)] : linesOf(file);
const last = messages.at(-1).timestamp;

await printEvents([
  ...messages.flatMap(sentAgain),
  // Tells that nothing older comes: what came before is complete. A live stream does without.
  { topic: "org.fedoraproject.prod.heartbeat", msg: {}, timestamp: last + 2 * 366 * 86_400 },
]);

function linesOf(path) {
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A sender that gets no answer sends again: here every fortieth message comes twice. */
function sentAgain(message, index) {
  return index % 40 === 0 && message.msg_id !== undefined ? [message, message] : [message];
}

function* madeUp(count) {
  const random = seededRandom(7);
  const users = ["ralph", "lmacken", "pingou", "dgilmore", "kevin", "toshio", "mattdm"];
  const packages = ["kernel", "firefox", "python3", "bash", "systemd", "glibc", "vim", "tmux"];
  let timestamp = Date.UTC(2024, 2, 1) / 1000;
  for (let index = 0; index < count; index++) {
    timestamp += Math.floor(random() ** 4 * 86_400);
    const [topic, msg] = pick(
      [
        [
          "buildsys.build.state.change",
          { name: pick(packages, random), instance: "primary", owner: pick(users, random) },
        ],
        ["bodhi.update.comment", { agent: pick(users, random), packages: packages.slice(0, 2) }],
        [
          "pkgdb.acl.update",
          { agent: pick(users, random), package: { name: pick(packages, random) } },
        ],
        ["wiki.article.edit", { user: pick(users, random) }],
        ["compose.branched.start", {}],
      ],
      random,
    );
    const msg_id = `2024-${String(index).padStart(8, "0")}`;
    yield { topic: `org.fedoraproject.prod.${topic}`, msg, timestamp, msg_id };
  }
}
