import type { Context } from "../plugin/context.js";
import { type Alert, type Clear, type ClearReason, textOf } from "./alert.js";

/** What a report has to know of a rule. */
interface Named {
  readonly name: string;
  readonly severity: string;
  readonly message: string;
}

/** An alert that has not been cleared, as a rule keeps it in its state. */
export interface OpenAlert {
  readonly id: string;
  readonly since: number | null;
  readonly at: number;
}

/** What a rule has found. */
interface Finding {
  /** Offset of the event that began it; undefined: no event did. No two alerts of a key share it. */
  readonly begun: number | undefined;
  readonly since: number | null;
  readonly at: number;
  readonly value?: unknown;
}

/** Writes alerts and clears of one consumer; of which key and where to is set before each use. */
export class Report {
  readonly #consumer: string;
  readonly #alertTopic: string;
  readonly #clearTopic: string;
  #context: Context | undefined;
  #key = "";

  constructor(consumer: string, alertTopic: string, clearTopic: string) {
    this.#consumer = consumer;
    this.#alertTopic = alertTopic;
    this.#clearTopic = clearTopic;
  }

  /** What is reported from here on is about `key`, and emitted by `context`. */
  about(key: string, context: Context): this {
    this.#key = key;
    this.#context = context;
    return this;
  }

  /** Emits an alert; returns what its clear will need. */
  alert({ name, severity, message }: Named, { begun, since, at, value }: Finding): OpenAlert {
    const key = this.#key;
    const id = `${this.#consumer}/${name}/${key}/${begun ?? "never"}`;
    const alert = {
      id,
      rule: name,
      key,
      severity,
      since,
      at,
      ...(value !== undefined && { value }),
    };
    const body: Alert = { ...alert, message: textOf(message, alert) };
    this.#context!.emit(this.#alertTopic, body, { key });
    return { id, since, at };
  }

  /** Emits the clear of `open`. */
  clear(
    { name, severity }: Named,
    open: OpenAlert,
    at: number,
    reason: ClearReason,
    value?: unknown,
  ): void {
    const key = this.#key;
    const { id, since, at: alertedAt } = open;
    const clear = { id, rule: name, key, severity, since, alertedAt, at, reason };
    const body: Clear = value === undefined ? clear : { ...clear, value };
    this.#context!.emit(this.#clearTopic, body, { key });
  }
}
