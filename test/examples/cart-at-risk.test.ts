import { numberIn, testPlay } from "./played.js";

testPlay("cart-at-risk", "online_shoppers", (t, { lines, isReal }) => {
  const visits = numberIn(lines, /^([0-9]+) visits scored/);
  t.ok(numberIn(lines, /AUC ([0-9.]+)/) > (isReal ? 0.85 : 0.7), "the model tells who buys");
  const of = (group: string, what: string) =>
    numberIn(lines, new RegExp(`^${group} .* ([0-9]+) ${what}`));
  const groups = ["never", "always", "model"];
  const all = groups.map((group) => numberIn(lines, new RegExp(`^${group} +([0-9]+) visits`)));
  t.equal(
    all.reduce((sum, count) => sum + count, 0),
    visits,
  );
  t.equal(of("never", "offers"), 0);
  t.equal(of("always", "offers"), all[1], "each is made one, once");
  t.ok(of("model", "offers") > 0 && of("model", "offers") < all[2]!, "some are made one");
  const worth = (group: string) => numberIn(lines, new RegExp(`^${group} .* ([0-9.]+) a visit`));
  t.ok(worth("model") > worth("never") && worth("model") > worth("always"), "it pays");
  for (const other of ["never", "always"]) {
    const lift = numberIn(lines, new RegExp(`^lift ([0-9.-]+) % against ${other}`));
    t.ok(Math.abs(lift - 100 * (worth("model") / worth(other) - 1)) < 1, `lift against ${other}`);
  }
});
