declare global {
  /**
   * Bodies by topic pattern, for `publish` and `subscribe`: `fedbus schema types` writes what adds to it.
   * Global, since an interface that a package exports again under its own name cannot be added to.
   */
  interface FedbusTopics {}
}

/** Whether a topic, as a type, matches a pattern. */
type Matches<Pattern extends string, Topic extends string> = Pattern extends "#"
  ? true
  : Pattern extends `${infer Head}.${infer Rest}`
    ? Topic extends `${infer First}.${infer Others}`
      ? Head extends "*" | First
        ? Matches<Rest, Others>
        : false
      : Rest extends "#"
        ? Head extends "*" | Topic
          ? true
          : false
        : false
    : Pattern extends "*"
      ? Topic extends `${string}.${string}`
        ? false
        : true
      : Topic extends Pattern
        ? true
        : false;

/** The patterns that a topic matches. */
type PatternOf<Topic extends string> = {
  [Pattern in keyof FedbusTopics & string]: Matches<Pattern, Topic> extends true ? Pattern : never;
}[keyof FedbusTopics & string];

/** The bodies of a topic, by `FedbusTopics`; unknown where it says nothing, or the topic is any string. */
export type BodyOf<Topic extends string> = string extends Topic
  ? unknown
  : Topic extends keyof FedbusTopics
    ? FedbusTopics[Topic]
    : [PatternOf<Topic>] extends [never]
      ? unknown
      : FedbusTopics[PatternOf<Topic>];
