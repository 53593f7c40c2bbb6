import t from "tap";
import { checkTopic, isReserved, isTopic, topicLimits } from "../../schemas/topic.js";
import { realMessages, skipWithoutData } from "../real-data.js";

t.test("topics: accepts dotted segments", async (t) => {
  for (const topic of [
    "a",
    "a.b",
    "org.fedoraproject.prod.bodhi.update_1",
    "x.libstdc++.u/y",
    "A-b",
  ])
    t.equal(isTopic(topic), true, topic);
  t.doesNotThrow(() => checkTopic("shop.prod.order.created"));
});

t.test("topics: refuses what is outside the grammar, and says where", async (t) => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["", 0],
    [".a", 0],
    ["a.", 2],
    ["a..b", 2],
    ["a.*", 2],
    ["a.#", 2],
    ["a b", 1],
    ["a\n", 1],
    ["a.\u001b[31m", 2],
    ["a.bü", 3],
    ['a"', 1],
    ["a,b", 1],
    ["a>", 1],
  ];
  for (const [topic, position] of cases) {
    t.equal(isTopic(topic), false);
    t.throws(() => checkTopic(topic), { code: "TOPIC_INVALID", details: { position } });
  }
  t.throws(() => checkTopic(7 as unknown as string), { code: "TOPIC_INVALID" });
});

t.test("topics: never repeats control characters in what it says", async (t) => {
  try {
    checkTopic("a.\u001b[31m\u202e");
    t.fail("did not throw");
  } catch (error) {
    t.match(JSON.stringify(error), /U\+001B/);
    t.notMatch(JSON.stringify(error), /\\u001b|\u202e/);
  }
});

t.test("topics: holds at the limits and not one past them", async (t) => {
  const { topicBytesMax, segmentsMax } = topicLimits;
  t.equal(isTopic("a".repeat(topicBytesMax)), true);
  t.throws(() => checkTopic("a".repeat(topicBytesMax + 1)), { code: "TOPIC_INVALID" });
  t.equal(isTopic(Array(segmentsMax).fill("a").join(".")), true);
  t.throws(
    () =>
      checkTopic(
        Array(segmentsMax + 1)
          .fill("a")
          .join("."),
      ),
    { code: "TOPIC_INVALID" },
  );
});

t.test("topics: knows the bus's own", async (t) => {
  t.equal(isReserved("fedbus.schema.registered"), true);
  t.equal(isReserved("fedbusy.x"), false);
});

t.test("topics: accepts every topic of Fedora's bus", { skip: skipWithoutData }, async (t) => {
  const topics = new Set((await realMessages()).map((message) => message.topic));
  t.ok(topics.size > 400);
  t.same(
    [...topics].filter((topic) => !isTopic(topic)),
    [],
  );
});
