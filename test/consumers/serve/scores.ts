import type { Bus } from "../../../bus/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import { over } from "../over-log.js";

export const options = { name: "scores", topics: ["in"], model: "demo", output: "scored" };

export function row(x: number, y = 0): { topic: string; msg: unknown } {
  return { topic: "in", msg: { x, y, id: `e${x}` } };
}

/** What is on a topic of what a consumer puts out over the whole log. */
export async function outputsOf(bus: Bus, spec: Parameters<typeof serve>[0], topic = "scored") {
  const { outputs } = await over(bus, serve(spec));
  return outputs.filter((event) => event.topic === topic).map(({ msg }) => msg as Said);
}

export interface Said {
  readonly offset: number;
  readonly sha256?: string;
  readonly version?: number;
  readonly output: number;
  readonly decision?: unknown;
  readonly reason?: string;
  readonly id?: string;
}
