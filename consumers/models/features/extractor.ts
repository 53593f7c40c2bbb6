import type { BusEvent } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/index.js";
import { fieldOf, memberOf } from "../../field.js";
import type { Sought } from "../troubles/unseen-paths.js";
import { type ColumnEncoder, columnEncoder, encodeNumber, type Numbers } from "./column-encoder.js";
import {
  type FeatureDeclaration,
  type FeatureFunction,
  type Features,
  isFunction,
  type ResolvedFeature,
} from "./feature.js";
import { checkFeatures, resolve } from "./feature-options.js";
import { compileReads, type ReadRow } from "./path-code.js";
import { namesOf } from "./path-names.js";

/**
 * Takes a model's inputs from events: a row of 32-bit floats each, NaN where something is missing. Training and
 * serving, live and in replay, use this one.
 */
export class Extractor {
  /** Columns of a row. */
  readonly width: number;
  /** By column: whether it is standardised whatever the model. */
  readonly scaled: readonly boolean[];
  /** What is looked for in an event: paths, or the names of what a function makes. */
  readonly sought: readonly Sought[];
  readonly #read: ReadRow;
  readonly #wrongPaths: (event: BusEvent) => readonly string[];
  readonly #declaration: () => FeatureDeclaration;

  private constructor(parts: ExtractorParts, declaration: () => FeatureDeclaration) {
    this.width = parts.width;
    this.scaled = parts.scaled;
    this.sought = parts.sought;
    this.#read = parts.read;
    this.#wrongPaths = parts.wrongPaths;
    this.#declaration = declaration;
  }

  /** For training: vocabularies that are not given learn. Throws OPTIONS_INVALID. */
  static of<Config>(features: Features<Config>, config: Config): Extractor {
    checkFeatures(features as Features<never>);
    if (isFunction(features as Features<never>))
      return Extractor.#ofFunction(features as FeatureFunction<Config>, config);
    return Extractor.#ofList(resolve(features as Exclude<typeof features, FeatureFunction>), true);
  }

  /**
   * What a model's metadata declares. `learning`: vocabularies that are not full go on learning. Features that a
   * function makes need that function. Throws OPTIONS_INVALID.
   */
  static from<Config>(
    { list, columns }: FeatureDeclaration,
    options: {
      readonly learning?: boolean;
      readonly features?: Features<Config> | undefined;
      readonly config?: Config;
    } = {},
  ): Extractor {
    if (list !== undefined) {
      checkFeatures(list);
      return Extractor.#ofList(list, options.learning ?? false);
    }
    const { features, config } = options;
    if (features === undefined || !isFunction(features as Features<never>))
      throw new FedbusError(
        "OPTIONS_INVALID",
        "a function makes this model's features: it must be given, it is not in the model",
      );
    const made = features as FeatureFunction<Config>;
    if (made.names.join("\n") !== columns.join("\n"))
      throw new FedbusError("OPTIONS_INVALID", "the features are not those of the model", {
        details: { model: columns, given: made.names },
      });
    return Extractor.#ofFunction(made, config as Config);
  }

  /** The features with what has been learnt by now, as JSON. */
  get declaration(): FeatureDeclaration {
    return this.#declaration();
  }

  /** Writes the event's row to `out`, from `start` on. Returns how many values were of no use: they are missing. */
  extract(event: BusEvent, out: Numbers, start = 0): number {
    return this.#read(event, out, start);
  }

  /** The paths (or names) of the event's values that are of no use. Slow: for events of which `extract` says so. */
  wrongPaths(event: BusEvent): readonly string[] {
    return this.#wrongPaths(event);
  }

  static #ofList(list: readonly ResolvedFeature[], learns: boolean): Extractor {
    const encoders = list.map((feature) => columnEncoder(feature, learns));
    const starts: number[] = [];
    let width = 0;
    for (const { columns } of encoders) {
      starts.push(width);
      width += columns.length;
    }
    const reads = list.map(({ path, encoder }, index) => ({
      names: namesOf(path),
      encoder: encoders[index]!,
      at: starts[index]!,
      isPlain: encoder.kind === "number" && encoder.missing !== true,
    }));
    const scaled = encoders.flatMap(({ columns, scaled }) => columns.map(() => scaled));
    const scratch = new Float64Array(width);
    const values = list.map(({ path }) => valueAt(path));
    const wrongPaths = (event: BusEvent): string[] =>
      list
        .filter(
          (_, index) => encoders[index]!.encode(values[index]!(event), scratch, starts[index]!) > 0,
        )
        .map(({ path }) => path);
    const sought = list.map(({ path }, index) => ({
      path,
      isIn: (event: BusEvent) => isThere(values[index]!(event)),
    }));
    const read = compileReads(reads);
    return new Extractor({ width, scaled, sought, read, wrongPaths }, () =>
      declarationOf(list, encoders),
    );
  }

  static #ofFunction<Config>(features: FeatureFunction<Config>, config: Config): Extractor {
    const { names } = features;
    const last: { event?: BusEvent; values: Readonly<Record<string, unknown>> } = { values: {} };
    const read: ReadRow = (event, out, start) => {
      const values = features.values(event, config);
      Object.assign(last, { event, values });
      let invalid = 0;
      for (let index = 0; index < names.length; index++)
        invalid += encodeNumber(values[names[index]!], out, start + index);
      return invalid;
    };
    const valuesOf = (event: BusEvent) =>
      last.event === event ? last.values : features.values(event, config);
    const wrongPaths = (event: BusEvent): string[] => {
      const values = valuesOf(event);
      return names.filter((name) => encodeNumber(values[name], new Float64Array(1), 0) > 0);
    };
    const sought = names.map((path) => ({
      path,
      isIn: (event: BusEvent) => isThere(valuesOf(event)[path]),
    }));
    const scaled = names.map(() => false);
    const parts = { width: names.length, scaled, sought, read, wrongPaths };
    return new Extractor(parts, () => ({ columns: [...names] }));
  }
}

interface ExtractorParts {
  readonly width: number;
  readonly scaled: readonly boolean[];
  readonly sought: readonly Sought[];
  readonly read: ReadRow;
  readonly wrongPaths: (event: BusEvent) => readonly string[];
}

function valueAt(path: string): (event: BusEvent) => unknown {
  const [root = "", ...names] = namesOf(path);
  const rootOf = fieldOf(root);
  return (event) => memberOf(rootOf(event), names);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function declarationOf(
  list: readonly ResolvedFeature[],
  encoders: readonly ColumnEncoder[],
): FeatureDeclaration {
  return {
    columns: encoders.flatMap(({ columns }) => columns),
    list: list.map((feature, index) => ({ ...feature, encoder: encoders[index]!.resolved() })),
  };
}
