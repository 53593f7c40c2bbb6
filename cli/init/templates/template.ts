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
  /** How the harness is opened in the test. */
  readonly harness?: string;
  /** A line for `fedbus publish`. */
  readonly example: string;
  /** Settings for `fedbus run`. */
  readonly settings?: string;
}
