import fc from "fast-check";
import t from "tap";
import { compareSchemas } from "../../../schemas/compatibility/compare.js";
import { SchemaCompiler, type Validate } from "../../../schemas/schema-compiler.js";
import type { JsonSchema } from "../../../schemas/schema-definition.js";
import { assertProperty } from "../property.js";
import { changed, randomBody, randomDocument } from "./random-schemas.js";

const compiler = new SchemaCompiler();
/** What a validator says that fails itself: ajv makes some whose code names what is not there. */
const broken = "broken";
const bodies = fc.array(randomBody, { minLength: 30, maxLength: 30 });
const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });

type Verdict = "accepted" | "refused" | typeof broken;

function compiled(schema: JsonSchema): ((body: unknown) => Verdict) | undefined {
  let validate: Validate;
  try {
    validate = compiler.compile(schema, "2020-12");
  } catch {
    return undefined;
  }
  return (body) => {
    try {
      return validate(body) === undefined ? "accepted" : "refused";
    } catch {
      return broken;
    }
  };
}

t.test("compatibility: what it calls compatible, no body contradicts", async (t) => {
  let compatible = 0;
  let changes = 0;
  let accepted = 0;
  const property = fc.property(randomDocument, choices, bodies, (before, numbers, samples) => {
    let at = 0;
    const choose = (count: number) => (numbers[at++ % numbers.length] ?? 0) % Math.max(1, count);
    const after = changed(changed(before, choose), choose);
    for (const [old, fresh] of [
      [before, after],
      [after, before],
    ] as const) {
      const validators = [compiled(old), compiled(fresh)] as const;
      if (validators[0] === undefined || validators[1] === undefined) continue;
      if (compareSchemas(old, fresh).length > 0) continue;
      compatible++;
      if (JSON.stringify(old) !== JSON.stringify(fresh)) changes++;
      for (const body of samples) {
        if (validators[0](body) !== "accepted") continue;
        accepted++;
        if (validators[1](body) === "refused")
          throw new Error(`refused: ${JSON.stringify({ body, old, fresh })}`);
      }
    }
  });
  assertProperty(property, Number(process.env.FEDBUS_RUNS ?? 60));
  t.comment(`${compatible} compatible, ${changes} of them changed, ${accepted} bodies accepted`);
  t.ok(changes > 5 && accepted > 20, "the schemas are such that it could be contradicted");
});

t.test("compatibility: unrelated schemas that it calls compatible are so", async () => {
  const property = fc.property(randomDocument, randomDocument, bodies, (old, fresh, samples) => {
    const [ours, theirs] = [compiled(old), compiled(fresh)];
    if (ours === undefined || theirs === undefined) return;
    if (compareSchemas(old, fresh).length > 0) return;
    for (const body of samples)
      if (ours(body) === "accepted" && theirs(body) === "refused")
        throw new Error(`refused: ${JSON.stringify({ body, old, fresh })}`);
  });
  assertProperty(property, Number(process.env.FEDBUS_RUNS ?? 60));
});
