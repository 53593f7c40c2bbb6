import type { Listed } from "../command-table.js";
import { consumers } from "./consumers/index.js";
import { dlq } from "./dlq/index.js";
import { init } from "./init/index.js";
import { keys } from "./keys/index.js";
import { log } from "./log/index.js";
import { model } from "./model/index.js";
import { schema } from "./schema/index.js";

/** Every command, in the order that `--help` lists them. */
export const commands: readonly Listed[] = [
  {
    usage: "up",
    summary: "Run a hub here and print what it takes, live",
    load: async () => (await import("./up.js")).up,
  },
  {
    usage: "hub",
    summary: "Run a hub over the log in --dir until it is told to end",
    load: async () => (await import("./hub.js")).hub,
  },
  {
    usage: "publish [topic] [body]",
    summary: "Publish one event, or NDJSON from a file or standard input",
    load: async () => (await import("./publish.js")).publish,
  },
  {
    usage: "tail [patterns..]",
    summary: "Print events as they come",
    load: async () => (await import("./tail.js")).tail,
  },
  {
    usage: "query [patterns..]",
    summary: "Print stored events of a range",
    load: async () => (await import("./query.js")).query,
  },
  {
    usage: "replay [patterns..]",
    summary: "Play stored events again: to standard output, a file, another hub or a consumer",
    load: async () => (await import("./replay.js")).replay,
  },
  {
    usage: "whatif <plugin>",
    summary: "Compare what a plugin would have published with what a consumer did publish",
    load: async () => (await import("./whatif.js")).whatif,
  },
  {
    usage: "explain <offset>",
    summary: "Follow an event back to what caused it, and forward to what came of it",
    load: async () => (await import("./explain.js")).explain,
  },
  {
    usage: "topics [patterns..]",
    summary: "List the topics of the log",
    load: async () => (await import("./topics.js")).topics,
  },
  {
    usage: "run <plugins..>",
    summary: "Run consumer plugins, each in processes of its own",
    load: async () => (await import("./run.js")).run,
  },
  {
    usage: "consumers",
    summary: "See and steer consumers: list, pause, reset ...",
    commands: consumers,
  },
  {
    usage: "state <consumer> [key]",
    summary: "Print entries of a consumer's tables, as they are committed",
    load: async () => (await import("./state.js")).state,
  },
  {
    usage: "dlq",
    summary: "Deal with dead letters: list, show, retry, drop",
    commands: dlq,
  },
  {
    usage: "model",
    summary: "Look after models: list, verify, promote, import ...",
    commands: model,
  },
  {
    usage: "init",
    summary: "Write something to start from: init plugin",
    commands: init,
  },
  {
    usage: "log",
    summary: "Look after the log: info, verify, export, backup ...",
    commands: log,
  },
  {
    usage: "schema",
    summary: "Register and look at schemas",
    commands: schema,
  },
  {
    usage: "keys",
    summary: "Make and look at keys that sign events",
    commands: keys,
  },
  {
    usage: "doctor",
    summary: "Check whether everything that fedbus needs is there",
    load: async () => (await import("./doctor.js")).doctor,
  },
];
