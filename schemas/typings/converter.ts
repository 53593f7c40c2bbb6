import { FedbusError } from "../errors.js";
import type { JsonSchema } from "../schema-definition.js";
import { inComment, withoutCode, withWholeComments } from "./foreign-text.js";

/** Declarations of a schema, as TypeScript; the one of the whole is called `name`. */
export type Convert = (schema: JsonSchema, name: string) => Promise<string>;

/** What is used of json-schema-to-typescript, which need not be installed. */
interface Library {
  compile(schema: object, name: string, options: object): Promise<string>;
}

/** Named here, so that nobody needs its types who does not use it. */
const library: string = "json-schema-to-typescript";

const options = {
  bannerComment: "",
  format: false,
  unknownAny: true,
  additionalProperties: true,
  // Nothing is fetched, and no file is read.
  $refOptions: { resolve: { external: false, http: false, file: false } },
} as const;

/** Loads what converts schemas. Rejects with PACKAGE_MISSING. */
export async function loadConverter(): Promise<Convert> {
  const { compile } = await loadLibrary();
  return async (schema, name) => {
    // A title would be taken for the name.
    const { title: _, ...rest } = typeof schema === "boolean" ? {} : schema;
    const isNever = schema === false;
    if (isNever) return `export type ${name} = never\n`;
    try {
      return withWholeComments(await compile(withoutCode(rest) as object, name, options));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      return `/** Not described: ${inComment(why.replaceAll("\n", " "))} */\nexport type ${name} = unknown\n`;
    }
  };
}

async function loadLibrary(): Promise<Library> {
  try {
    return (await import(library)) as Library;
  } catch (cause) {
    throw new FedbusError("PACKAGE_MISSING", `${library} is not installed`, {
      details: { package: library, remedy: `npm install --save-dev ${library}` },
      cause,
    });
  }
}
