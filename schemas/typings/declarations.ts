import type { SchemaListing } from "../registry.js";
import type { Convert } from "./converter.js";

const banner = [
  "// Written by `fedbus schema types`. Do not edit: write it again when schemas change.",
  "",
].join("\n");

/**
 * TypeScript declarations of the latest version of each schema: a namespace each, whose `Body` is the body, and
 * which topics have them, for `publish` and `subscribe`.
 */
export async function declarationsOf(
  listings: readonly SchemaListing[],
  convert: Convert,
): Promise<string> {
  const latest = new Map<string, SchemaListing>();
  for (const listing of listings)
    if (listing.version > (latest.get(listing.name)?.version ?? 0))
      latest.set(listing.name, listing);
  const names = namesFor([...latest.keys()]);
  const parts: string[] = [];
  const topics: string[] = [];
  for (const { name, version, topics: patterns, schema } of latest.values()) {
    const space = names.get(name)!;
    const body = (await convert(schema, "Body")).trim();
    parts.push(
      `/** Version ${version} of the schema ${name}. */\nexport declare namespace ${space} {\n${indented(body, "  ")}\n}\n`,
    );
    for (const pattern of patterns) topics.push(`    ${JSON.stringify(pattern)}: ${space}.Body;\n`);
  }
  const map = `declare global {\n  interface FedbusTopics {\n${topics.join("")}  }\n}\n`;
  return [banner, ...parts, map].join("\n");
}

/** `order.created` is `OrderCreated`; names that would be the same are numbered. */
function namesFor(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
      const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
      const plain = /^[A-Za-z]/.test(joined) ? joined : `Schema${joined}`;
      let unique = plain;
      for (let number = 2; taken.has(unique); number++) unique = `${plain}${number}`;
      taken.add(unique);
      return [name, unique];
    }),
  );
}

function indented(text: string, by: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : by + line))
    .join("\n");
}
