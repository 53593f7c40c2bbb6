import type { FeatureDeclaration } from "../models/features/feature.js";
import { Adwin, type AdwinState } from "../models/metrics/adwin.js";
import type { Prequential, PrequentialState } from "../models/metrics/prequential.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";
import type { ModelInput } from "./inputs.js";
import { PendingRows } from "./pending-rows.js";
import { lossOf, type PublishedState, type Publisher } from "./publisher.js";
import type { ClassWeights, Downsampling } from "./sampling.js";
import type { Lesson, Student } from "./student.js";
import { isSupervised, type TrainPlan } from "./train-plan.js";
import type { Trouble } from "./troubles.js";

/** What is kept of a course, as JSON, beside its rows and its learner. */
export interface CourseState {
  /** Rows that came, and those of them that are learnt. */
  readonly came: number;
  readonly learnt: number;
  readonly classCounts: readonly number[];
  readonly prequential: PrequentialState;
  readonly adwin: AdwinState;
  readonly published: PublishedState;
  /** Times that it had to begin anew because a prediction was no finite number. */
  readonly restarts: number;
  readonly stopping: Stopping;
  /** After a drift: a model is wanted as soon as there are rows enough. */
  readonly isWanted: boolean;
}

/** Where early stopping stands. */
interface Stopping {
  readonly best?: number;
  /** Publications in a row that were not better. */
  readonly worse: number;
  readonly stopped: boolean;
}

export interface CourseParts {
  readonly name: string;
  readonly plan: TrainPlan;
  readonly width: number;
  readonly student: Student;
  readonly prequential: Prequential;
  readonly downsampling: Downsampling | undefined;
  readonly weights: ClassWeights;
  readonly publisher: Publisher;
  readonly table: Table<unknown>;
}

/** What the trainer knows that a model's lineage tells. */
export interface Surroundings {
  readonly offsets: { readonly from: number; readonly to: number };
  readonly declaration: FeatureDeclaration;
  readonly inputs: readonly ModelInput[];
  /** What could not be learnt from, by why, and where. */
  readonly counts: Readonly<Record<string, number>>;
  readonly troubles: readonly Trouble[];
}

/**
 * Takes labelled rows, has them learnt in lessons, measures, and publishes. When what happens depends on the count
 * of rows alone, never on commits, so it is the same live, in replay and after a crash.
 */
export class Course {
  readonly #parts: CourseParts;
  readonly #pending: PendingRows;
  readonly #weights: ClassWeights;
  readonly #adwin: Adwin;
  #came: number;
  #learnt: number;
  /** The count of rows at which there is something to do. */
  #next: number;
  #restarts: number;
  #stopping: Stopping;
  #isWanted: boolean;

  constructor(parts: CourseParts, state?: CourseState) {
    const { plan, width, student, table } = parts;
    this.#parts = parts;
    this.#weights = parts.weights;
    this.#came = state?.came ?? 0;
    this.#learnt = state?.learnt ?? 0;
    this.#restarts = state?.restarts ?? 0;
    this.#stopping = state?.stopping ?? { worse: 0, stopped: false };
    this.#isWanted = state?.isWanted ?? false;
    this.#adwin = new Adwin(plan.driftDelta, state?.adwin);
    this.#pending = new PendingRows(student.lessonRows + student.stepRows, width);
    this.#pending.restore(table as Table<string>, this.#came);
    this.#next = this.#boundaryAfter(this.#came);
  }

  /** Rows that came. */
  get came(): number {
    return this.#came;
  }

  /** Takes a row. A promise if it was the last of a lesson. */
  add(
    values: Float64Array,
    { label, time }: { readonly label: number; readonly time: number },
    context: Context,
    surroundings: () => Surroundings,
  ): Promise<void> | undefined {
    const number = this.#came++;
    this.#pending.put(number, values, { label, time, weight: this.#weightOf(label, number) });
    if (this.#came < this.#next) return undefined;
    return this.#atBoundary(context, surroundings);
  }

  /** A model of the same name, with that number, came from elsewhere. */
  took(version: number): void {
    this.#parts.publisher.took(version);
  }

  /** Publishes what there is now. */
  async publish(context: Context, surroundings: () => Surroundings): Promise<void> {
    await this.#learn(context);
    await this.#publish(context, surroundings());
  }

  /** Tells how far it is. */
  report(context: Context, { counts, troubles }: Surroundings): void {
    const { name, prequential } = this.#parts;
    context.emit(`models.${name}.metrics`, {
      rows: this.#came,
      learnt: this.#learnt,
      ...prequential.report(),
      counts,
      ...(troubles.length > 0 && { troubles }),
      restarts: this.#restarts,
      stopped: this.#stopping.stopped,
    });
  }

  /** Puts what has changed; returns the rest. */
  save(): CourseState {
    const { student, prequential, publisher, table } = this.#parts;
    student.save(table);
    this.#pending.save(table as Table<string>);
    return {
      came: this.#came,
      learnt: this.#learnt,
      classCounts: this.#weights.counts,
      prequential: prequential.save(table as Table<string>, "metrics"),
      adwin: this.#adwin.state,
      published: publisher.state,
      restarts: this.#restarts,
      stopping: this.#stopping,
      isWanted: this.#isWanted,
    };
  }

  async close(): Promise<void> {
    await this.#parts.student.close();
  }

  async #atBoundary(context: Context, surroundings: () => Surroundings): Promise<void> {
    const { every, metricsEveryRows } = this.#parts.plan;
    await this.#learn(context);
    const isReport = this.#came % metricsEveryRows === 0;
    if (isReport) this.report(context, surroundings());
    const isDue = "rows" in every && this.#came % every.rows === 0;
    if (isDue || (isReport && this.#isWanted)) await this.#publish(context, surroundings());
    this.#next = this.#boundaryAfter(this.#came);
  }

  /** The first count of rows above `count` at which a lesson, a report or a model is due. */
  #boundaryAfter(count: number): number {
    const { student, plan } = this.#parts;
    const after = (step: number): number => (Math.floor(count / step) + 1) * step;
    const model = "rows" in plan.every ? after(plan.every.rows) : Number.POSITIVE_INFINITY;
    return Math.min(after(student.lessonRows), after(plan.metricsEveryRows), model);
  }

  /** Has all whole steps learnt of what came. */
  async #learn(context: Context): Promise<void> {
    const { student } = this.#parts;
    const end = Math.floor(this.#came / student.stepRows) * student.stepRows;
    if (end <= this.#learnt) return;
    const lesson = this.#pending.lesson(this.#learnt, end);
    this.#learnt = end;
    const said = this.#stopping.stopped ? student.test(lesson) : student.learn(lesson);
    await this.#measure(lesson, await said, context);
  }

  async #measure(
    lesson: Lesson,
    predicted: Float64Array | undefined,
    context: Context,
  ): Promise<void> {
    const { prequential, downsampling } = this.#parts;
    if (predicted === undefined) {
      for (const label of lesson.labels) prequential.unpredicted(label);
      return;
    }
    if (!predicted.every(Number.isFinite)) {
      await this.#restart(lesson, context);
      return;
    }
    const outputs = predicted.length / lesson.count;
    const said = downsampling?.correct(predicted) ?? predicted;
    for (let row = 0; row < lesson.count; row++) {
      const loss = prequential.add(lesson.labels[row]!, said, row * outputs);
      await this.#watch(loss, lesson.first + row, context);
    }
  }

  async #watch(loss: number, row: number, context: Context): Promise<void> {
    const { name, plan, student } = this.#parts;
    if (!isSupervised(plan.task)) return;
    const change = this.#adwin.add(loss);
    if (change === undefined) return;
    const isWorse = change.after > change.before;
    const refit = plan.refitOnDrift && isWorse;
    context.emit(`models.${name}.drift`, { row, ...change, isWorse, refit });
    if (!isWorse) return;
    this.#stopping = { worse: 0, stopped: false };
    if (!refit) return;
    await student.forget(row + 1 - change.kept);
    this.#isWanted = true;
  }

  /** What has gone astray that far does not come back. */
  async #restart(lesson: Lesson, context: Context): Promise<void> {
    this.#restarts++;
    const row = lesson.first + lesson.count;
    context.logger.warn({ row }, "a prediction is no finite number: the model begins anew");
    await this.#parts.student.forget(row);
  }

  async #publish(context: Context, { declaration, inputs, offsets }: Surroundings): Promise<void> {
    const { plan, student, publisher } = this.#parts;
    if (this.#learnt - student.since < plan.minRows || this.#stopping.stopped) return;
    const candidate = await student.candidate();
    if ("reason" in candidate && this.#isWanted) return;
    this.#isWanted = false;
    await publisher.publish(candidate, { features: declaration, inputs, offsets }, context);
    if (!("reason" in candidate)) this.#considerStopping(lossOf(candidate.metrics));
  }

  #considerStopping(loss: number | undefined): void {
    const { patience } = this.#parts.plan;
    if (patience === undefined || loss === undefined) return;
    const { best = Number.POSITIVE_INFINITY, worse } = this.#stopping;
    this.#stopping =
      loss < best
        ? { best: loss, worse: 0, stopped: false }
        : { best, worse: worse + 1, stopped: worse + 1 >= patience };
  }

  #weightOf(label: number, number: number): number {
    const { plan, downsampling } = this.#parts;
    if (plan.task !== "binary" && plan.task !== "classes") return 1;
    const weight = this.#weights.next(label);
    return downsampling === undefined || downsampling.takes(label, number) ? weight : 0;
  }
}
