import t from "tap";
import { errorCodes, FedbusError, isFedbusError } from "../../schemas/errors.js";

t.test("errors: come back from JSON as the same class", async (t) => {
  const error = new FedbusError("HUB_BUSY", "too many", { details: { max: 3 } });
  const back = FedbusError.fromJSON(JSON.parse(JSON.stringify(error)));
  t.ok(isFedbusError(back, "HUB_BUSY"));
  t.match(back, { message: "too many", details: { max: 3 }, retryable: true });
});

t.test("errors: leave out details that are empty", async (t) => {
  t.same(Object.keys(new FedbusError("CLOSED", "closed").toJSON()), ["code", "message"]);
});

t.test("errors: of an unknown code are internal, and keep what it was", async (t) => {
  for (const code of ["NEW_CODE", "__proto__", "toString"]) {
    const back = FedbusError.fromJSON({ code, message: "m" } as unknown as FedbusError);
    t.match(back, { code: "INTERNAL", message: `${code}: m` });
  }
});

t.test("errors: keep the cause, and are told by code", async (t) => {
  const cause = new Error("why");
  const error = new FedbusError("INTERNAL", "m", { cause });
  t.equal(error.cause, cause);
  t.equal(isFedbusError(error, "CLOSED"), false);
  t.equal(isFedbusError(cause), false);
  for (const { summary } of Object.values(errorCodes)) t.match(summary, /^[a-z`].*[^.]$/);
});
