import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { type Bus, type Logger, openBus } from "../../../bus/index.js";
import { Supervisor, type SupervisorOptions } from "../../../consumers/index.js";
import { freeUrl } from "../../bus/ports.js";

/** A bus with a hub, and consumers that are written by the test and run in processes of their own. */
export interface Workbench {
  readonly dir: string;
  readonly url: string;
  readonly bus: Bus;
  /** What was logged: `consumer: message`. */
  readonly logged: string[];
  /** Writes a plugin; its path. */
  plugin(name: string, source: string): string;
  open(plugin: string, options?: Partial<SupervisorOptions>): Promise<Supervisor>;
  /** Publishes `{ n }` on `topic`, n from `from` on. */
  publish(count: number, topic?: string, from?: number): Promise<void>;
  /** Bodies of stored events. */
  bodies<Body>(pattern: string): Promise<Body[]>;
}

const limits = { restartMsMax: 200, drainMs: 20_000 } as const;

export async function openWorkbench(t: Test): Promise<Workbench> {
  const dir = join(t.testdir(), "log");
  const url = await freeUrl();
  const bus = await openBus({ dir, listen: url });
  const supervisors: Supervisor[] = [];
  t.teardown(async () => {
    for (const supervisor of supervisors) await supervisor.close();
    await bus.close();
  });
  const logged: string[] = [];
  const logger = loggerInto(logged);
  const publisher = bus.publisher();
  return {
    ...{ dir, url, bus, logged },
    plugin: (name, source) => {
      const path = join(dir, "..", name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, source);
      return path;
    },
    open: async (plugin, options = {}) => {
      const supervisor = await Supervisor.open({
        ...{ dir, url, plugin, logger, source: bus.source, cwd: join(dir, "..") },
        ...options,
        limits: { ...limits, ...options.limits },
      });
      supervisors.push(supervisor);
      return supervisor;
    },
    publish: async (count, topic = "in.a", from = 0) => {
      const events = Array.from({ length: count }, (_, n) => ({ topic, msg: { n: from + n } }));
      await publisher.publishMany(events);
    },
    bodies: async <Body>(pattern: string) => {
      const bodies: Body[] = [];
      for await (const event of bus.query({ patterns: pattern })) bodies.push(event.msg as Body);
      return bodies;
    },
  };
}

function loggerInto(logged: string[]): Logger {
  const log = (fields: object, message: string): void => {
    logged.push(`${(fields as { consumer?: string }).consumer ?? ""}: ${message}`);
  };
  return { debug: () => {}, info: log, warn: log, error: log };
}

/** A plugin that counts what it handles, after `before` has looked at the event. */
export function counter(name: string, before = "", more = ""): string {
  return `import { consumer } from "fedbus/consumers";
export default consumer({
  name: "${name}", topics: ["in.#"], ${more}
  handle(event, context) {
    const { n } = event.msg;
    ${before}
    context.state.put("count", (context.state.get("count") ?? 0) + 1);
    context.emit("out.${name}", { n });
  },
});
`;
}
