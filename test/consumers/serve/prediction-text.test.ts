import fc from "fast-check";
import t from "tap";
import { PredictionText } from "../../../consumers/serve/prediction-text.js";
import { JsonText, jsonOf } from "../../../schemas/envelope-text.js";
import { assertProperty } from "../../schemas/property.js";

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const text = fc.string({ unit: "binary" });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

t.test("prediction text: is what JSON.stringify writes of a prediction", async (t) => {
  const refs = [
    { sha256: "ab".repeat(32) },
    { sha256: "cd".repeat(32), version: 1 },
    { sha256: "ab".repeat(32), version: 7 },
  ];
  const told = fc.record({
    ref: fc.constantFrom(...refs),
    offset: fc.nat(),
    id: optional(text),
    output: fc.oneof(number, fc.array(number, { minLength: 2, maxLength: 4 })),
    decision: optional(fc.oneof(fc.boolean(), text, number)),
    isCanary: fc.boolean(),
    contributions: optional(fc.record({ base: number, of: fc.array(fc.tuple(text, number)) })),
  });
  const model = 'mo"del';
  const texts = new PredictionText(model);
  assertProperty(
    fc.property(told, (one) => {
      const { ref, offset, id, output, decision, isCanary, contributions } = one;
      const { sha256, version } = ref as { sha256: string; version?: number };
      const canary = isCanary ? true : undefined;
      const plain = { offset, id, model, version, sha256, output, decision, canary, contributions };
      return texts.of(one as unknown as Parameters<typeof texts.of>[0]) === JSON.stringify(plain);
    }),
  );
  const made = new JsonText('{"a":[1,"ü"]}');
  t.equal(jsonOf(made, "msg", "t"), made.text);
  t.equal(JSON.stringify({ made }), `{"made":${made.text}}`, "wherever else it is written");
});
