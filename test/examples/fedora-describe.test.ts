import { fileURLToPath } from "node:url";
import t from "tap";
import { loadDescribers } from "../../consumers/plugin/load-describers.js";
import type { Envelope } from "../../schemas/envelope.js";
import { type Description, Descriptions } from "../../schemas/index.js";
import { realLines, skipWithoutData } from "../real-data.js";

const folder = fileURLToPath(new URL("../../../examples/fedora-describe", import.meta.url));

interface Case {
  readonly msg: Envelope;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Our names for what fedmsg's plugins say. */
const names = {
  title: "title",
  subtitle: "subtitle",
  link: "link",
  icon: "icon",
  usernames: "users",
  packages: "packages",
  objects: "objects",
} as const satisfies Record<string, keyof Description>;

/** Of the fields that a case expects, how many the description has just so. */
function score(expected: Case["expected"], description: Description) {
  const fields = Object.entries(names).filter(([name]) => expected[name] !== undefined);
  const right = fields.filter(
    ([name, ours]) =>
      JSON.stringify(plain(description[ours])) === JSON.stringify(plain(expected[name])),
  );
  return {
    fields: fields.length,
    right: right.length,
    wrong: fields.filter((f) => !right.includes(f)),
  };
}

function plain(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String) : (value ?? "");
}

t.test(
  "fedora-describe: says what fedmsg's own plugins say",
  { skip: skipWithoutData },
  async (t) => {
    const descriptions = new Descriptions(await loadDescribers("./describe.ts", { from: folder }));
    const cases = (await realLines("meta-expected.ndjson")) as Case[];
    const total = { covered: 0, whole: 0, sentences: 0, fields: 0, right: 0 };
    for (const { msg, expected } of cases) {
      const description = descriptions.of(msg);
      if (description === undefined) continue;
      const { fields, right, wrong } = score(expected, description);
      total.covered++;
      if (fields === right) total.whole++;
      if (description.subtitle === expected.subtitle) total.sentences++;
      total.fields += fields;
      total.right += right;
      if (process.env.FEDBUS_SHOW)
        for (const [name, ours] of wrong)
          t.comment(
            `${msg.topic} ${name}: ${JSON.stringify(description[ours])} not ${JSON.stringify(expected[name])}`,
          );
    }
    t.comment(`of ${cases.length}: ${JSON.stringify(total)}`);
    t.equal(descriptions.failures.count, 0, descriptions.failures.first?.message ?? "");
    t.ok(total.covered >= 150, "messages of the covered applications");
    t.ok(total.sentences / total.covered > 0.9, "sentences that are the same");
    t.ok(total.right / total.fields > 0.9, "fields that are the same");
  },
);
