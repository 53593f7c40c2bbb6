import type { Bus, QueryOptions } from "../../../bus/index.js";
import { isCount, modelTopic, modelTopicOf, objectIn } from "./model-version.js";

/** What a consumer that trains told last of how far it is. */
export interface TrainingReport {
  /** The model's name. */
  readonly name: string;
  /** Rows that came, and those of them that are learnt. */
  readonly rows: number;
  readonly learnt: number;
  /** Events that could not be learnt from, or not with all their values: the most frequent reason first. */
  readonly troubles: readonly ReportedTrouble[];
  readonly offset: number;
}

/** Events that have something wrong in the same place. */
export interface ReportedTrouble {
  readonly kind: string;
  readonly path?: string;
  readonly events: number;
  /** The offset of the first of them. */
  readonly offset: number;
}

/** Reports that are looked through, the newest ones. */
const reportsMax = 1_000;

/** The last report of each model that is trained, by name; of those that are among the last 1,000. */
export async function trainingReports(
  bus: Pick<Bus, "query">,
  name = "*",
  options: Pick<QueryOptions, "signal"> = {},
): Promise<ReadonlyMap<string, TrainingReport>> {
  const reports = new Map<string, TrainingReport>();
  const limit = name === "*" ? reportsMax : 1;
  const query = {
    patterns: modelTopic(name, "metrics"),
    order: "desc",
    limit,
    ...options,
  } as const;
  for await (const { topic, msg, offset } of bus.query(query)) {
    const { name } = modelTopicOf(topic)!;
    const { rows, learnt, troubles } = objectIn(msg);
    // Others tell metrics too: of forecasts and recommendations.
    if (reports.has(name) || !isCount(rows) || !isCount(learnt)) continue;
    reports.set(name, { name, rows, learnt, troubles: troublesIn(troubles), offset });
  }
  return reports;
}

function troublesIn(value: unknown): readonly ReportedTrouble[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((one) => {
    const { kind, path, events, offset } = objectIn(one);
    if (typeof kind !== "string" || !isCount(events) || !isCount(offset)) return [];
    return [{ kind, ...(typeof path === "string" && { path }), events, offset }];
  });
}
