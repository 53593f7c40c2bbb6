// Three weeks of card payments in some seconds: the models learn, answer and race; then, how good they were.
import { bodiesOn, play } from "../input/play.mjs";
import { aucOf, precisionAt } from "../input/quality.mjs";
import { eventsOf, transactions } from "./transactions.mjs";

const dayMs = 86_400_000;
const all = transactions();
const budgetMs = 250;

await play({
  folder: import.meta.dirname,
  plugins: {
    "features.ts": {},
    "learn-logistic.ts": {},
    "learn-trees.ts": {},
    "score-logistic.ts": {},
    "score-trees.ts": {},
    "decide.ts": { budgetMs },
  },
  steps: () => steps(eventsOf(all)),
  report,
  quietMs: 3 * budgetMs,
});

/** A hundred at a time. The first of a day ends a step: then the new day's models are there before the others come. */
function* steps(events) {
  let step = [];
  let day;
  for (const event of events) {
    const today = Math.floor((event.timestamp * 1000) / dayMs);
    step.push(event);
    if (step.length < 100 && today === (day ?? today)) continue;
    yield step;
    step = [];
    day = today;
  }
  yield step;
}

async function report(bus) {
  const judged = await scoredByBoth(bus);
  const casesOf = (answers) =>
    answers.flatMap(({ tx, score }) => {
      const one = judged.get(tx);
      return one === undefined || score === null ? [] : [{ score, label: one.isFraud }];
    });
  const frauds = [...judged.values()].filter(({ isFraud }) => isFraud).length;
  const share = ((100 * frauds) / judged.size).toFixed(2);
  console.log(`${judged.size} payments judged, ${frauds} of them frauds (${share} %)`);
  for (const model of ["logistic", "trees"]) {
    const answers = await bodiesOn(bus, `card.scored.${model}`);
    const trained = await bodiesOn(bus, `models.fraud-${model}.trained`);
    const cases = casesOf(answers.map(({ id, output }) => ({ tx: id, score: output })));
    console.log(`${model.padEnd(9)} ${qualityOf(cases)}, ${trained.length} models`);
  }
  const amounts = casesOf([...judged.values()].map(({ tx, amount }) => ({ tx, score: amount })));
  console.log(`${"amount".padEnd(9)} ${qualityOf(amounts)}, no model`);
  const decisions = await bodiesOn(bus, "card.decided");
  const late = decisions.filter(({ tookMs }) => tookMs >= budgetMs).length;
  console.log(`decided   ${qualityOf(casesOf(decisions))}`);
  const own = decisions.filter(({ tx }) => judged.has(tx));
  for (const by of new Set(own.map((decision) => decision.by)))
    console.log(`by ${by}: ${own.filter((decision) => decision.by === by).length}`);
  console.log(`${decisions.length} decisions, ${late} when the time was over`);
}

/** Payments by name, since there have been both models. */
async function scoredByBoth(bus) {
  const [some, others] = await Promise.all(
    ["logistic", "trees"].map(async (model) => {
      const answers = await bodiesOn(bus, `card.scored.${model}`);
      return new Set(answers.filter(({ output }) => output !== null).map(({ id }) => id));
    }),
  );
  return new Map(
    all.filter(({ tx }) => some.has(tx) && others.has(tx)).map((payment) => [payment.tx, payment]),
  );
}

function qualityOf(cases) {
  const [auc, best] = [aucOf(cases), precisionAt(50, cases)].map((value) => value.toFixed(3));
  return `AUC ${auc}, of the 50 most suspicious ${best} are frauds`;
}
