import t from "tap";
import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import type { BatchKind } from "../../../../consumers/models/learners/learner.js";
import { oneOf, whole } from "../../../../consumers/plugin/option-rules.js";

const kind: BatchKind<{ readonly depth: number; readonly loss: string }> = {
  name: "stump",
  tasks: ["regression"],
  scaled: false,
  hyper: { depth: whole(1, 8), loss: oneOf("square", "absolute") },
  defaults: { depth: 1, loss: "square" },
  fit: () => t.fail("not fitted here") as never,
  restore: () => t.fail("not restored here") as never,
};

t.test("hyperparameters that are not given have their defaults", async (t) => {
  t.same(completeHyper(kind), { depth: 1, loss: "square" });
  t.same(completeHyper(kind, { depth: 3 }), { depth: 3, loss: "square" });
});

t.test("all that is wrong with hyperparameters is told at once", async (t) => {
  const given = { depth: 9, loss: "cubic", leaves: 3 };
  t.throws(() => completeHyper(kind, given), {
    code: "OPTIONS_INVALID",
    message:
      "hyper of stump: leaves is not an option: there are depth, loss; depth must be a whole number from 1 to 8; loss must be one of square, absolute",
  });
});
