// Brings messages of a dozen applications to one shape: what kind, who, which packages, and when.
import { counted, deduplicate, type Item, pipe, transform } from "fedbus/consumers";

const weekMs = 7 * 86_400_000;

export default transform({
  name: "fedora-facts",
  version: "1.0",
  topics: ["org.fedoraproject.#", "org.centos.#", "org.release-monitoring.#", "io.pagure.#"],
  handle: pipe(
    counted(
      "sent again",
      deduplicate({ by: (item) => item.event.envelope.msg_id, withinMs: weekMs }),
    ),
    { run: factsOf },
  ),
});

/** A fact about the message, and one about each package that it names. */
function factsOf(item: Item): Item[] {
  const at = item.event.timestamp;
  const category = item.event.topic.split(".")[3];
  if (category === "heartbeat") return [{ ...item, topic: "fedora.time", msg: { at } }];
  const msg = item.msg as Message;
  return [
    { ...item, topic: "fedora.fact", msg: { at, category, user: userOf(msg) ?? null } },
    ...packagesOf(msg).map((name) => ({
      ...item,
      topic: "fedora.package",
      msg: { at, category, package: name },
    })),
  ];
}

interface Named {
  readonly name?: string;
  readonly username?: string;
}

/** Where the applications put people and packages: each has its own way. */
interface Message {
  readonly agent?: string | Named;
  readonly username?: string;
  readonly user?: string | Named;
  readonly owner?: string;
  readonly commit?: { readonly username?: string; readonly repo?: string };
  readonly name?: string;
  readonly instance?: string;
  readonly srpm?: string;
  readonly pkg?: string;
  readonly package?: string | Named;
  readonly packages?: readonly (string | { readonly package_name?: string })[];
  readonly package_listing?: { readonly package?: Named };
}

function userOf({ agent, username, user, owner, commit }: Message): string | undefined {
  return [agent, username, user, owner, commit?.username].map(nameOf).find((name) => name);
}

function packagesOf(msg: Message): string[] {
  const several = Array.isArray(msg.packages) ? msg.packages : [];
  const names = [
    ...several.map((one) => (typeof one === "string" ? one : one?.package_name)),
    ...[msg.package, msg.package_listing?.package, msg.pkg, msg.commit?.repo].map(nameOf),
    msg.instance === undefined ? undefined : msg.name,
    msg.srpm,
  ];
  const found = names.filter((name) => typeof name === "string" && name !== "") as string[];
  return [...new Set(found.map((name) => name.replace(/-\d[^-]*-[^-]+$/, "")))]; // bash-5.2-1.fc40
}

function nameOf(one: unknown): string | undefined {
  if (typeof one === "string") return one;
  const { username, name } = (one ?? {}) as Named;
  return [username, name].find((text) => typeof text === "string");
}
