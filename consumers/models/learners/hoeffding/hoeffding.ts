import { between, type Rules, whole } from "../../../plugin/option-rules.js";
import type { OnlineKind } from "../learner.js";
import { type HoeffdingHyper, HoeffdingTree } from "./hoeffding-tree.js";

const hyper: Rules<HoeffdingHyper> = {
  grace: whole(1, 1_000_000),
  delta: between(1e-12, 0.5),
  tie: between(0, 1),
  maxLeaves: whole(1, 4_096),
};

/** A decision tree, one row at a time, by Hoeffding's bound (Domingos and Hulten, 2000). */
export const hoeffding: OnlineKind<HoeffdingHyper> = {
  name: "hoeffding",
  tasks: ["binary", "classes"],
  scaled: false,
  hyper,
  defaults: { grace: 200, delta: 1e-7, tie: 0.05, maxLeaves: 256 },
  open: (shape, given, state) => new HoeffdingTree(shape, given, state),
};
