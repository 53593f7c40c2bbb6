import type { BusEvent } from "../../bus/index.js";
import { schemaTopic, TopicFilter } from "../../schemas/index.js";
import type { Field } from "../field.js";
import { modelTopic, modelVersionIn } from "../models/registry/model-version.js";
import type { Handlers, Setup } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import { LabelJoins } from "./label-join.js";
import { type Label, labelNumber, labelReader } from "./label-reader.js";
import { openStudies, type Studies } from "./studies.js";
import { isNews } from "./train-news.js";
import { isSupervised, type TrainPlan } from "./train-plan.js";

const everyKey = "every";

/** Makes rows of events, gives them their labels, and hands them on. */
export class Trainer implements Handlers {
  readonly #plan: TrainPlan;
  readonly #setup: Setup;
  readonly #isFeature: (topic: string) => boolean;
  readonly #isLabel: (topic: string) => boolean;
  readonly #labelOf: ((event: BusEvent) => Label) | undefined;
  readonly #joins: LabelJoins | undefined;
  readonly #importedTopic: string;
  /** Where labels and keys are looked for. */
  readonly #paths: Readonly<Record<"label" | "key" | "labelKey", string | undefined>>;
  /** The label of a row for which none came. */
  readonly #absent: Label;
  #studies: Studies | undefined;
  #isChanged = false;

  constructor(plan: TrainPlan, setup: Setup) {
    const { task, classes, label, labelJoin, topics } = plan;
    this.#plan = plan;
    this.#setup = setup;
    this.#importedTopic = modelTopic(setup.name, "imported");
    this.#isFeature = testOf(topics);
    this.#isLabel = labelJoin === undefined ? () => false : testOf(labelJoin.topics);
    const field = labelJoin?.label ?? label;
    const { key, labelKey = key } = labelJoin ?? {};
    this.#paths = { label: textOf(field), key: textOf(key), labelKey: textOf(labelKey) };
    this.#labelOf = field === undefined ? undefined : labelReader(field, task, classes);
    this.#joins = labelJoin === undefined ? undefined : new LabelJoins(labelJoin);
    this.#absent = labelNumber(task, classes)(labelJoin?.absent);
  }

  handle(event: BusEvent, context: Context): void | Promise<void> {
    const studies = this.#studies;
    if (studies !== undefined) return this.#take(event, studies, context);
    return this.#begin(context).then((opened) => this.#take(event, opened, context));
  }

  async timer(timer: Timer, context: Context): Promise<void> {
    const studies = this.#studies ?? (await this.#begin(context));
    this.#isChanged = true;
    if (timer.key === everyKey) await studies.published(context);
    else await this.#expire(timer, studies, context);
  }

  note(): string | undefined {
    return this.#studies?.note;
  }

  flush(context: Context): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#studies?.save(context);
  }

  async close(): Promise<void> {
    await this.#studies?.close();
  }

  async #begin(context: Context): Promise<Studies> {
    this.#studies = await openStudies(this.#plan, this.#setup, context);
    return this.#studies;
  }

  #take(event: BusEvent, studies: Studies, context: Context): void | Promise<void> {
    const { topic } = event;
    if (this.#isOfOthers(topic)) return;
    this.#isChanged = true;
    studies.saw(event.offset);
    if (topic === schemaTopic) studies.inputs.registered(event.msg);
    else if (topic === this.#importedTopic) this.#tookIn(event, studies);
    const joining = this.#isLabel(topic) ? this.#join(event, studies, context) : undefined;
    if (!this.#isFeature(topic)) return joining;
    if (joining !== undefined) return joining.then(() => this.#learn(event, studies, context));
    return this.#learn(event, studies, context);
  }

  /** News of models of other names. */
  #isOfOthers(topic: string): boolean {
    if (topic === schemaTopic || topic === this.#importedTopic) return false;
    return isNews(topic) && !this.#isFeature(topic) && !this.#isLabel(topic);
  }

  /** A model of this name came from elsewhere: one number must not mean two. */
  #tookIn(event: BusEvent, studies: Studies): void {
    const { version } = modelVersionIn(event) ?? {};
    if (version === undefined) return;
    studies.took(version);
    this.#setup.logger.warn({ version }, "a model of this name was imported: its number is taken");
  }

  #learn(event: BusEvent, studies: Studies, context: Context): void | Promise<void> {
    const time = this.#plan.timeOf(event);
    const label = this.#joins === undefined ? this.#label(event) : Number.NaN;
    const values = studies.extract(event, context);
    if (this.#joins !== undefined) {
      if (!this.#joins.wait(event, time, values, context))
        studies.lost(event, { kind: "withoutKey", path: this.#paths.key }, context);
      return;
    }
    if (label === "missing" || label === "invalid") this.#lost(label, event, studies, context);
    else return this.#add(values, label, time, studies, context);
  }

  #lost(
    label: "missing" | "invalid",
    event: Pick<BusEvent, "offset">,
    studies: Studies,
    context: Context,
  ): void {
    const kind = label === "missing" ? "withoutLabel" : "wrongLabel";
    studies.lost(event, { kind, path: this.#paths.label }, context);
  }

  /** NaN where labels are not needed, and there is none. */
  #label(event: BusEvent): Label {
    const label = this.#labelOf?.(event) ?? "missing";
    return label === "missing" && !isSupervised(this.#plan.task) ? Number.NaN : label;
  }

  /** A label has come: a promise if there is something to wait for. */
  #join(event: BusEvent, studies: Studies, context: Context): Promise<void> | undefined {
    const label = this.#labelOf!(event);
    studies.sawLabel();
    if (label === "missing" || label === "invalid") {
      this.#lost(label, event, studies, context);
      return undefined;
    }
    const time = this.#plan.timeOf(event);
    const rows: [number, Float64Array][] = [];
    const count = this.#joins!.labelled(event, time, context, (at, values) =>
      rows.push([at, values]),
    );
    if (count === 0)
      studies.lost(event, { kind: "labelOfNothing", path: this.#paths.labelKey }, context);
    else studies.inputs.saw(event.topic);
    return this.#addAll(rows, label, studies, context);
  }

  async #expire(timer: Timer, studies: Studies, context: Context): Promise<void> {
    const rows: [number, Float64Array][] = [];
    const offsets: number[] = [];
    this.#joins?.expired(timer, context, (at, values, offset) => {
      rows.push([at, values]);
      offsets.push(offset);
    });
    const label = this.#absent;
    if (typeof label === "number") await this.#addAll(rows, label, studies, context);
    else
      for (const offset of offsets)
        studies.lost({ offset }, { kind: "unlabelled", path: undefined }, context);
  }

  #addAll(
    rows: readonly [number, Float64Array][],
    label: number,
    studies: Studies,
    context: Context,
  ): Promise<void> | undefined {
    if (rows.length === 0) return undefined;
    return (async () => {
      for (const [time, values] of rows) await this.#add(values, label, time, studies, context);
    })();
  }

  #add(
    values: Float64Array,
    label: number,
    time: number,
    studies: Studies,
    context: Context,
  ): void | Promise<void> {
    const { every } = this.#plan;
    if ("ms" in every) {
      const at = (Math.floor(time / every.ms) + 1) * every.ms;
      if (studies.schedules(at)) context.timers.set("event", at, everyKey);
    }
    return studies.add(values, { label, time }, context);
  }
}

/** The path of a field, or several; undefined if a function finds it. */
function textOf(field: Field | readonly Field[] | undefined): string | undefined {
  const paths = [field].flat().filter((path) => typeof path === "string");
  return paths.length === 0 ? undefined : paths.join(", ");
}

function testOf(patterns: readonly string[]): (topic: string) => boolean {
  const filter = TopicFilter.of(patterns);
  return (topic) => filter.test(topic);
}
