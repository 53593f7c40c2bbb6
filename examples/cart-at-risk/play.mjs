// Plays the shop: visitors come, are made offers or not, buy or leave; then, what the offers were worth.

import { bodiesOn, play } from "../input/play.mjs";
import { aucOf } from "../input/quality.mjs";
import { seededRandom } from "../input/seeded-random.mjs";
import { visits } from "./sessions.mjs";

const all = visits();
const visitsPerStep = 100;
/** What nobody's data can say: how many of those who would have left an offer makes stay. */
const persuaded = 0.1;
const [margin, discount] = [30, 10];
const random = seededRandom(11);
const bought = new Map();

await play({
  folder: import.meta.dirname,
  plugins: {
    "progress.ts": {},
    "learn.ts": {},
    "score.ts": {},
    "offer.ts": { margin, discount, persuaded },
  },
  steps,
  report,
});

async function* steps(bus) {
  for (let from = 0; from < all.length; from += visitsPerStep) {
    const some = all.slice(from, from + visitsPerStep);
    yield some.map((visit) => viewed(visit, { ...visit.visitor, ...visit.looked }, 0));
    yield some.map((visit) => viewed(visit, visit.shopped, 10_000));
    const offered = await offeredIn(bus);
    yield some.map((visit) => ended(visit, offered.has(visit.session)));
  }
}

function viewed({ session, group, at }, seen, afterMs) {
  return {
    topic: "shop.viewed",
    msg: { session, group, ...seen },
    timestamp: (at + afterMs) / 1000,
  };
}

/** The visitor buys as in the data; or, with an offer, also by chance. */
function ended({ session, at, ...visit }, isOffered) {
  const isPersuaded = random() < persuaded && isOffered;
  bought.set(session, visit.bought || isPersuaded);
  const msg = { session, bought: bought.get(session), at: at + 20_000 };
  return { topic: "shop.ended", msg, timestamp: msg.at / 1000 };
}

async function offeredIn(bus) {
  return new Set((await bodiesOn(bus, "shop.offer")).map(({ session }) => session));
}

async function report(bus) {
  const scored = await bodiesOn(bus, "shop.scored");
  // The last score of each visit, since there has been a model.
  const scores = new Map(
    scored.filter(({ output }) => output !== null).map(({ id, output }) => [id, output]),
  );
  const judged = all.filter(({ session }) => scores.has(session));
  const offered = await offeredIn(bus);
  const cases = judged
    .filter(({ group }) => group === "never")
    .map(({ session, ...visit }) => ({ score: scores.get(session), label: visit.bought }));
  const buyers = cases.filter(({ label }) => label).length;
  const models = await bodiesOn(bus, "models.cart-buys.trained");
  console.log(
    `${judged.length} visits scored by ${models.length} models, AUC ${aucOf(cases).toFixed(3)}`,
  );
  console.log(`${((100 * buyers) / cases.length).toFixed(1)} % buy without an offer`);
  const gains = {};
  for (const group of ["never", "always", "model"]) {
    const own = judged.filter((visit) => visit.group === group).map(({ session }) => session);
    const made = own.filter((session) => offered.has(session)).length;
    const sold = own.filter((session) => bought.get(session)).length;
    const gain = own.reduce((sum, session) => sum + gainOf(session, offered), 0);
    gains[group] = gain / own.length;
    console.log(
      `${group.padEnd(6)} ${own.length} visits, ${made} offers, ${sold} purchases, ${gains[group].toFixed(2)} a visit`,
    );
  }
  for (const other of ["never", "always"])
    console.log(`lift ${(100 * (gains.model / gains[other] - 1)).toFixed(1)} % against ${other}`);
}

function gainOf(session, offered) {
  if (!bought.get(session)) return 0;
  return margin - (offered.has(session) ? discount : 0);
}
