import type { Listed } from "../../command-table.js";

/** The commands of `fedbus model`, in the order that its help lists them. */
export const model: readonly Listed[] = [
  {
    usage: "list [name]",
    summary: "List the models, or the versions of one",
    load: async () => (await import("./list.js")).list,
  },
  {
    usage: "show <model>",
    summary: "Show a version of a model: what it was made of, and how good it is",
    load: async () => (await import("./show.js")).show,
  },
  {
    usage: "compare <a> <b> [patterns..]",
    summary: "Show two versions of models side by side; with topics, also on events of the log",
    load: async () => (await import("./compare.js")).compare,
  },
  {
    usage: "verify <model>",
    summary: "Train a model again from the log: the file must come out the same, byte for byte",
    load: async () => (await import("./verify.js")).verify,
  },
  {
    usage: "promote <model>",
    summary: "Let a version answer from now on: an event, which whoever serves it follows",
    load: async () => (await import("./promote.js")).promote,
  },
  {
    usage: "rollback <name>",
    summary: "Let the model answer again that answered before the present one",
    load: async () => (await import("./rollback.js")).rollback,
  },
  {
    usage: "predict <model> [file]",
    summary: "Score events that come as lines of JSON; prints a line of JSON for each",
    load: async () => (await import("./predict.js")).predict,
  },
  {
    usage: "score-past <model> <plugin>",
    summary:
      "Score the past with a model that need not have answered: the metrics it would have had",
    load: async () => (await import("./score-past.js")).scorePastCommand,
  },
  {
    usage: "export <model> [file]",
    summary: "Write a model's ONNX file",
    load: async () => (await import("./export.js")).exportModel,
  },
  {
    usage: "import <file>",
    summary: "Take in an ONNX model of any tool; it is looked through and tried before",
    load: async () => (await import("./import.js")).importCommand,
  },
];
