import t from "tap";
import { FedbusError } from "../../../schemas/errors.js";
import { checkUpcast, type UpcastStep, upcastStepsMax } from "../../../schemas/upcast/upcast.js";
import { Upcaster } from "../../../schemas/upcast/upcaster.js";

const version = (number: number, ...upcast: UpcastStep[]) => ({
  name: "order",
  version: number,
  ...(upcast.length === 0 ? {} : { upcast }),
});

function brought(body: unknown, ...steps: UpcastStep[]): unknown {
  return new Upcaster([version(1), version(2, ...steps)]).upcast("order", 1, body);
}

t.test("upcast: each step does what it says, and nothing where its place is missing", async (t) => {
  const cases: readonly [UpcastStep, unknown, unknown][] = [
    [
      { rename: "/a", to: "b" },
      { x: 1, a: 2, y: 3 },
      { x: 1, b: 2, y: 3 },
    ],
    [{ rename: "/a", to: "b" }, { x: 1 }, { x: 1 }],
    [{ rename: "/l/*/a", to: "b" }, { l: [{ a: 1 }, { c: 2 }, 3] }, { l: [{ b: 1 }, { c: 2 }, 3] }],
    [{ rename: "/l/1/a", to: "b" }, { l: [{ a: 1 }, { a: 2 }] }, { l: [{ a: 1 }, { b: 2 }] }],
    [{ rename: "/a~1b/c~0d", to: "e" }, { "a/b": { "c~d": 1 } }, { "a/b": { e: 1 } }],
    [{ move: "/a/b", to: "/c/d" }, { a: { b: 1, x: 2 } }, { a: { x: 2 }, c: { d: 1 } }],
    [{ move: "/a/b", to: "/c" }, { a: 1 }, { a: 1 }],
    [{ default: "/a/b", value: null }, { a: {} }, { a: { b: null } }],
    [{ default: "/a/b", value: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
    [{ default: "/a/b", value: 1 }, {}, {}],
    [{ convert: "/a", to: "integer", factor: 100 }, { a: "12.345" }, { a: 1235 }],
    [{ convert: "/a", to: "number" }, { a: "-1e3" }, { a: -1000 }],
    [{ convert: "/a", to: "string" }, { a: true }, { a: "true" }],
    [{ convert: "/a", to: "boolean" }, { a: "false" }, { a: false }],
    [{ convert: "/a", to: "integer" }, { a: null }, { a: null }],
    [{ map: "/a", values: { paid: "PAID", old: null } }, { a: "old" }, { a: null }],
    [{ map: "/a", values: { toString: 1 } }, { a: "other" }, { a: "other" }],
    [{ remove: "/l/*/a" }, { l: [{ a: 1, b: 2 }] }, { l: [{ b: 2 }] }],
    [{ remove: "/a" }, "text", "text"],
  ];
  for (const [step, body, expected] of cases) {
    const before = JSON.stringify(body);
    t.strictSame(brought(body, step), expected, JSON.stringify(step));
    t.equal(JSON.stringify(body), before, "the body itself stays");
  }
});

t.test("upcast: what cannot be done is UPCAST_FAILED, with the version and the step", async (t) => {
  const cases: readonly [UpcastStep, unknown][] = [
    [
      { rename: "/a", to: "b" },
      { a: 1, b: 2 },
    ],
    [
      { move: "/a", to: "/b" },
      { a: 1, b: 2 },
    ],
    [
      { move: "/a", to: "/b/c" },
      { a: 1, b: 2 },
    ],
    [{ convert: "/a", to: "integer" }, { a: 1.5 }],
    [{ convert: "/a", to: "number" }, { a: "0x10" }],
    [{ convert: "/a", to: "boolean" }, { a: "yes" }],
    [{ convert: "/a", to: "string" }, { a: {} }],
  ];
  for (const [step, body] of cases)
    t.throws(() => brought(body, { remove: "/none" }, step), {
      code: "UPCAST_FAILED",
      details: { schema: "order", version: 2, step: 1 },
    });
});

t.test("upcast: goes from version to version, as far as is asked", async (t) => {
  const versions = [
    version(1),
    version(3, { rename: "/b", to: "c" }),
    version(2, { rename: "/a", to: "b" }),
    version(4),
  ];
  const latest = new Upcaster(versions);
  t.same(latest.upcast("order", 1, { a: 1 }), { c: 1 });
  t.same(latest.upcast("order", 2, { b: 1 }), { c: 1 });
  const body = { c: 1 };
  t.equal(latest.upcast("order", 3, body), body, "what does not change is the same object");
  t.equal(latest.upcast("other", 1, body), body);
  const second = new Upcaster(versions, { target: { order: 2 } });
  t.same(second.upcast("order", 1, { a: 1 }), { b: 1 });
  const none = new Upcaster(versions, { target: {} });
  t.same(none.upcast("order", 1, { a: 1 }), { a: 1 });
  latest.add(version(5, { rename: "/c", to: "d" }));
  t.same(latest.upcast("order", 1, { a: 1 }), { d: 1 });
});

t.test("upcast: a module is called by its name, and must be there", async (t) => {
  const versions = [version(1), { ...version(2), upcast: { module: "order-2" } }];
  const upcasters = { "order-2": (body: unknown) => ({ was: body }) };
  t.same(new Upcaster(versions, { upcasters }).upcast("order", 1, 7), { was: 7 });
  t.throws(() => new Upcaster(versions).upcast("order", 1, 7), { code: "UPCASTER_MISSING" });
  const throwing = {
    "order-2": () => {
      throw new FedbusError("LOOKUP_FAILED", "its own");
    },
  };
  t.throws(() => new Upcaster(versions, { upcasters: throwing }).upcast("order", 1, 7), {
    code: "LOOKUP_FAILED",
  });
});

t.test("upcast: steps that are none are refused", async (t) => {
  const wrong: readonly unknown[] = [
    "text",
    { module: 1 },
    { module: "a", more: 1 },
    [null],
    [{}],
    [{ rename: "/a", move: "/b", to: "c" }],
    [{ rename: "/a" }],
    [{ rename: "a", to: "b" }],
    [{ rename: "/a", to: "b", more: 1 }],
    [{ rename: "/__proto__", to: "b" }],
    [{ rename: "/a", to: "__proto__" }],
    [{ move: "/a/*", to: "/b" }],
    [{ move: "/a", to: "/b/*" }],
    [{ default: "/a" }],
    [{ convert: "/a", to: "date" }],
    [{ convert: "/a", to: "string", factor: 2 }],
    [{ map: "/a", values: [] }],
    Array.from({ length: upcastStepsMax + 1 }, () => ({ remove: "/a" })),
  ];
  for (const value of wrong)
    t.throws(
      () => checkUpcast(value),
      { code: "SCHEMA_INVALID" },
      JSON.stringify(value).slice(0, 80),
    );
  const most = Array.from({ length: upcastStepsMax }, () => ({ remove: "/a" }));
  t.equal(checkUpcast(most), most);
});
