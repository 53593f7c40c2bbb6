/** What a template makes a plugin of. */
export interface Subject {
  /** The consumer's name. */
  readonly name: string;
  /** TypeScript's part of a line; empty in JavaScript. */
  ts(text: string): string;
}

/** A kind of plugin that `fedbus init plugin` can write. */
export interface Template {
  /** One sentence for the README. */
  readonly about: string;
  readonly topics: string;
  plugin(subject: Subject): string;
  /** The test's body: `h` is the harness. */
  readonly test: string;
  /** What the test imports beside the harness. */
  readonly imports?: readonly string[];
  /** Lines before the harness is opened. */
  readonly opening?: string;
  /** How the harness is opened in the test. */
  readonly harness?: string;
  /** Lines after the harness is closed. */
  readonly closing?: string;
  /** A line for `fedbus publish`. */
  readonly example: string;
  /** Settings for `fedbus run`. */
  readonly settings?: string;
}
