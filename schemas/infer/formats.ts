import { SchemaCompiler, type Validate } from "../schema-compiler.js";

/** Formats that texts are tried for, the most telling first. */
const names = ["date-time", "date", "uuid", "ipv4", "ipv6", "email", "uri"] as const;

/** Formats as the validator checks them. */
export class Formats {
  readonly names: readonly string[] = names;
  readonly #checks = new Map<string, Validate>();

  constructor(compiler: SchemaCompiler = new SchemaCompiler()) {
    for (const format of names) this.#checks.set(format, compiler.compile({ format }, "2020-12"));
  }

  /** Whether `text` is of that format. */
  is(format: string, text: string): boolean {
    return this.#checks.get(format)?.(text) === undefined;
  }
}
