import type { BusEvent } from "../../bus/index.js";
import { Extractor } from "../models/features/extractor.js";
import type { FeatureDeclaration } from "../models/features/feature.js";
import { Prequential, type PrequentialOptions } from "../models/metrics/prequential.js";
import { unseenFeatures } from "../models/troubles/unseen-features.js";
import type { UnseenPaths, UnseenState } from "../models/troubles/unseen-paths.js";
import type { Setup } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";
import { aboutOf } from "./about-plan.js";
import { BatchStudent } from "./batch-student.js";
import { Course, type CourseState, type Surroundings } from "./course.js";
import { Inputs, type InputsState } from "./inputs.js";
import { isBatchKind } from "./model-kind.js";
import { OnlineStudent } from "./online-student.js";
import { type PublishedState, Publisher } from "./publisher.js";
import { ClassWeights, Downsampling } from "./sampling.js";
import type { Student } from "./student.js";
import { shapeOf, type TrainPlan } from "./train-plan.js";
import { type Trouble, Troubles, type TroublesState } from "./troubles.js";

const tableName = "train";
const stateKey = "state";

/** What is kept of a training, as JSON, beside what its parts keep. */
interface StudiesState {
  /** What it is about: another plan begins anew. */
  readonly about: string;
  readonly course: CourseState;
  readonly features: FeatureDeclaration;
  readonly inputs: InputsState;
  readonly troubles?: TroublesState;
  readonly unseen?: UnseenState;
  readonly from: number;
  readonly next: number;
  readonly scheduled: number;
}

/** Takes a training up again where it was, or begins it. */
export async function openStudies(
  plan: TrainPlan,
  setup: Setup,
  context: Context,
): Promise<Studies> {
  const table = context.table<unknown>(tableName);
  const stored = table.get(stateKey) as StudiesState | undefined;
  const about = aboutOf(plan);
  if (stored?.about === about) return await Studies.open(plan, setup, table, about, stored);
  if (stored === undefined) return await Studies.open(plan, setup, table, about);
  context.logger.warn(
    { model: setup.name },
    "it learns something else than before: it begins anew",
  );
  await clear(table);
  await clear(context.table("waiting"));
  return await Studies.open(plan, setup, table, about, undefined, stored.course.published);
}

/** All that a training goes on with: what it knows of its events, and the course that its rows take. */
export class Studies {
  readonly inputs: Inputs;
  readonly #extractor: Extractor;
  readonly #course: Course;
  readonly #table: Table<unknown>;
  readonly #about: string;
  readonly #troubles: Troubles;
  readonly #unseen: UnseenPaths;
  readonly #reportEvery: number;
  /** The first event, and the one after the last. */
  #from: number;
  #next: number;
  /** When a model is due next, ms of event time; 0: not yet known. */
  #scheduled: number;

  private constructor(
    parts: {
      readonly extractor: Extractor;
      readonly course: Course;
      readonly table: Table<unknown>;
      readonly about: string;
      readonly reportEvery: number;
    },
    state?: StudiesState,
  ) {
    this.#extractor = parts.extractor;
    this.#course = parts.course;
    this.#table = parts.table;
    this.#about = parts.about;
    this.inputs = new Inputs(state?.inputs);
    this.#unseen = unseenFeatures(parts.extractor.sought, state?.unseen);
    this.#troubles = new Troubles(state?.troubles, this.#unseen);
    this.#reportEvery = parts.reportEvery;
    this.#from = state?.from ?? -1;
    this.#next = state?.next ?? 0;
    this.#scheduled = state?.scheduled ?? 0;
  }

  static async open(
    plan: TrainPlan,
    setup: Setup,
    table: Table<unknown>,
    about: string,
    state?: StudiesState,
    published?: PublishedState,
  ): Promise<Studies> {
    const { features, config } = plan;
    const extractor =
      state === undefined
        ? Extractor.of(features, config)
        : Extractor.from(state.features, { learning: true, features, config });
    const downsampling = plan.keep && new Downsampling(plan.keep, plan.seed);
    const weights = weightsOf(plan, state?.course.classCounts);
    const metrics = metricsOf(plan, weights);
    const prequential = new Prequential(metrics, state?.course.prequential);
    prequential.restore(table as Table<string>, "metrics");
    const learnt = state?.course.learnt ?? 0;
    const student = await studentOf(plan, {
      extractor,
      prequential,
      downsampling,
      metrics,
      table,
      learnt,
    });
    const given = { name: setup.name, code: setup.code, downsampling };
    const publisher = new Publisher(plan, given, state?.course.published ?? published);
    const parts = { name: setup.name, plan, width: extractor.width, student, table };
    const measured = { prequential, downsampling, weights, publisher };
    const course = new Course({ ...parts, ...measured }, state?.course);
    const reportEvery = plan.metricsEveryRows;
    return new Studies({ extractor, course, table, about, reportEvery }, state);
  }

  /** An event was handed in. */
  saw(offset: number): void {
    if (this.#from < 0) this.#from = offset;
    this.#next = offset + 1;
  }

  /** The event's row, in an array of its own. */
  extract(event: BusEvent, context: Context): Float64Array {
    const values = new Float64Array(this.#extractor.width);
    const wrong = this.#extractor.extract(event, values);
    this.#troubles.saw();
    if (wrong > 0)
      for (const path of this.#extractor.wrongPaths(event))
        this.#count({ kind: "wrongValues", path }, event, context);
    for (const unseen of this.#unseen.look(event))
      this.#tell({ kind: "withoutFeature", ...unseen }, this.#unseen.sentence(unseen), context);
    this.inputs.saw(event.topic);
    return values;
  }

  /** An event came that has a label for others. */
  sawLabel(): void {
    this.#troubles.saw();
  }

  /** Nothing can be learnt from an event. That is told as often as what is learnt. */
  lost(
    event: Pick<BusEvent, "offset">,
    trouble: Pick<Trouble, "kind"> & { readonly path: string | undefined },
    context: Context,
  ): void {
    const isTold = this.#count(trouble, event, context);
    if (isTold || this.#troubles.lost % this.#reportEvery === 0)
      this.#course.report(context, this.#surroundings());
  }

  /** What whoever asks should know. */
  get note(): string | undefined {
    return this.#troubles.note;
  }

  /** Whether a model is to be published at `at`, for the first time that this is asked. */
  schedules(at: number): boolean {
    if (at <= this.#scheduled) return false;
    this.#scheduled = at;
    return true;
  }

  add(
    values: Float64Array,
    row: { readonly label: number; readonly time: number },
    context: Context,
  ): Promise<void> | undefined {
    return this.#course.add(values, row, context, this.#surroundings);
  }

  /** A model of the same name, with that number, came from elsewhere: it counts on from there. */
  took(version: number): void {
    this.#course.took(version);
  }

  /** A model is due. */
  async published(context: Context): Promise<void> {
    await this.#course.publish(context, this.#surroundings);
  }

  save(_context: Context): void {
    const state: StudiesState = {
      about: this.#about,
      course: this.#course.save(),
      features: this.#extractor.declaration,
      inputs: this.inputs.state,
      troubles: this.#troubles.state,
      unseen: this.#unseen.state,
      ...{ from: this.#from, next: this.#next, scheduled: this.#scheduled },
    };
    this.#table.put(stateKey, state);
  }

  async close(): Promise<void> {
    await this.#course.close();
  }

  readonly #surroundings = (): Surroundings => ({
    offsets: { from: this.#from, to: this.#next },
    declaration: this.#extractor.declaration,
    inputs: this.inputs.list(),
    counts: this.#troubles.counts,
    troubles: this.#troubles.reported,
  });

  /** Tells whether it was time to say so. */
  #count(
    { kind, path }: Pick<Trouble, "kind"> & { readonly path: string | undefined },
    { offset }: Pick<BusEvent, "offset">,
    context: Context,
  ): boolean {
    const sentence = this.#troubles.count(kind, path, offset);
    if (sentence === undefined) return false;
    this.#tell({ kind, path, offset }, sentence, context);
    return true;
  }

  #tell(
    {
      kind,
      path,
      offset,
    }: Omit<Trouble, "events" | "path"> & { readonly path?: string | undefined },
    sentence: string,
    { logger }: Context,
  ): void {
    logger.warn({ kind, ...(path !== undefined && { path }), offset }, sentence);
  }
}

interface StudentParts {
  readonly extractor: Extractor;
  readonly prequential: Prequential;
  readonly downsampling: Downsampling | undefined;
  readonly metrics: PrequentialOptions;
  readonly table: Table<unknown>;
  /** Rows that are learnt already. */
  readonly learnt: number;
}

async function studentOf(plan: TrainPlan, parts: StudentParts): Promise<Student> {
  const { kind, hyper, window } = plan;
  const { extractor, prequential, downsampling, metrics, table, learnt } = parts;
  const shape = shapeOf(plan, extractor.width);
  const { scaled } = extractor;
  if (isBatchKind(kind))
    return new BatchStudent({ kind, shape, hyper, scaled, window, metrics, downsampling, table });
  return await OnlineStudent.open({ kind, shape, hyper, scaled, prequential, table }, learnt);
}

function weightsOf({ classWeights, classes }: TrainPlan, counts?: readonly number[]): ClassWeights {
  return new ClassWeights(classWeights, Math.max(2, classes.length), counts);
}

function metricsOf(plan: TrainPlan, weights: ClassWeights): PrequentialOptions {
  const { task, classes, metricsRows, threshold, baseline } = plan;
  const rule = baseline === false ? (task === "regression" ? "mean" : "rate") : baseline;
  const count = task === "binary" ? 2 : task === "classes" ? classes.length : 1;
  const isWeighted = plan.classWeights !== undefined;
  return {
    ...{ task, classes: count, windowRows: metricsRows, threshold, rule },
    ...(isWeighted && { weightOf: (label) => weights.of(label) }),
  };
}

async function clear(table: Table<unknown>): Promise<void> {
  const keys: string[] = [];
  for await (const [key] of table.range()) keys.push(key);
  for (const key of keys) table.delete(key);
}
