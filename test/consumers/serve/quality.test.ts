import { test } from "tap";
import { type Context, consumer } from "../../../consumers/index.js";
import { SeededRandom } from "../../../consumers/runner/random.js";
import { Canary } from "../../../consumers/serve/canary.js";
import { LiveQuality } from "../../../consumers/serve/quality.js";
import { busOf, over } from "../over-log.js";

const plan = { metric: undefined, outcomesMin: 200, tolerance: 0.02 };
const seeds = 50;

function randomFor(seed: number): SeededRandom {
  const random = new SeededRandom();
  random.seed(seed, 1);
  return random;
}

/** A loss of the model that says `said` of something that is so in one of ten cases. */
function logLoss(said: number, random: SeededRandom): number {
  return -Math.log(random.next() < 0.1 ? said : 1 - said);
}

/** What `of` makes of each seed, in a consumer's real state. */
async function overSeeds<Found>(of: (seed: number, context: Context) => Found): Promise<Found[]> {
  const bus = await busOf(Array.from({ length: seeds }, (_, seed) => ({ topic: "in", msg: seed })));
  const plugin = consumer({
    ...{ name: "seeds", version: "1", topics: ["in"] },
    create: () => ({
      handle: ({ msg }, context) => context.emit("found", of(msg as number, context) ?? null),
    }),
  });
  const { outputs } = await over(bus, plugin);
  await bus.close();
  return outputs.map(({ msg }) => msg as Found);
}

/** How many of the seeds take a model back that says `said`, where the one before it says 0.1. */
async function takenBack(said: number): Promise<number> {
  const found = await overSeeds((seed, context) => {
    const quality = new LiveQuality(plan);
    const random = randomFor(seed);
    const [old, young] = [`old-${seed}`, `young-${seed}`];
    const take = (sha256: string, active: string, loss: number) =>
      quality.take({ sha256, loss }, { active, previous: old, candidate: undefined }, context);
    for (let n = 0; n < 1000; n++) take(old, old, logLoss(0.1, random));
    for (let n = 0; n < 2500; n++)
      if (take(young, young, logLoss(said, random)) !== undefined) return true;
    return false;
  });
  return found.filter(Boolean).length;
}

test("rollback: chance takes no model back that is as good as the one before", async (t) => {
  // Ten looks, each at three standard errors on one side: about 7 in 1,000.
  t.ok((await takenBack(0.1)) <= 2);
  t.ok((await takenBack(0.101)) <= 2);
});

test("rollback: a model that is clearly worse is taken back", async (t) => {
  t.equal(await takenBack(0.5), seeds);
});

test("rollback: of a thousand models only those are remembered that are served", async (t) => {
  const counts = await overSeeds((_, context) => {
    const quality = new LiveQuality(plan);
    for (let n = 2; n < 1_000; n++) {
      const models = { active: `m${n}`, previous: `m${n - 1}`, candidate: `m${n + 1}` };
      for (const sha256 of [...Object.values(models), `m${n - 2}`])
        quality.take({ sha256, loss: 1 }, models, context);
    }
    return context.state.get("live-quality") as readonly { readonly sha256: string }[];
  });
  t.strictSame(counts[0]!.map(({ sha256 }) => sha256).sort(), ["m1000", "m998", "m999"]);
});

/** How the trials of a candidate end that says `said`, where the model beside it says 0.1. */
async function trials(said: number): Promise<(string | null)[]> {
  return await overSeeds((seed, context) => {
    const canary = new Canary({ ...plan, share: 0.1 });
    const random = randomFor(seed);
    const models = { active: `active-${seed}`, candidate: `candidate-${seed}` };
    for (let n = 0; n < 20_000; n++) {
      const isTurn = random.next() < 0.5;
      const sha256 = isTurn ? models.candidate : models.active;
      const loss = logLoss(isTurn ? said : 0.1, random);
      const verdict = canary.take({ sha256, loss }, models, context);
      if (verdict !== undefined) return verdict.isWorse ? "dropped" : "promoted";
    }
    return null;
  });
}

test("canary: chance drops no candidate that is as good, and a clearly worse one is dropped", async (t) => {
  const equal = await trials(0.1);
  t.ok(equal.filter((end) => end === "dropped").length <= 2);
  t.ok(equal.filter((end) => end === "promoted").length >= 45);
  t.strictSame(new Set(await trials(0.5)), new Set(["dropped"]));
});
