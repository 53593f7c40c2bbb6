import t from "tap";
import { checkFloors } from "../../scripts/check-floors.js";

t.test("check-floors: a tree that keeps the rules has no problems", async (t) => {
  const root = t.testdir({
    schemas: { "errors.ts": `import { hash } from "node:crypto";\n` },
    bus: {
      "bus.ts": `import type { A } from "../schemas/errors.js";\n// console.log in a comment\n`,
      wire: { "sockets.ts": `import { Router } from "zeromq";\nimport "./frames.js";\n` },
    },
    cli: { "main.ts": `import { b } from "../bus/bus.js";\nconsole.log(process.argv);\n` },
    test: { "x.test.ts": `import t from "tap";\nimport "../cli/main.js";\n` },
  });
  t.same(checkFloors(root), []);
});

t.test("check-floors: every broken rule is named with its file", async (t) => {
  const root = t.testdir({
    schemas: {
      "up.ts": `import type {\n  Bus,\n} from "../bus/bus.js";\n`,
      "out.ts": `export * from "../index.js";\n`,
    },
    bus: {
      "bus.ts": `import { Level } from "level";\nimport "leftpad/deep.js";\nrequire("ajv");\n`,
      "a.ts": `import type { B } from "./b.js";\n`,
      "b.ts": `export { a } from "./a.js";\nawait import("../cli/main.js");\n`,
      "env.ts": `process.once("SIGINT", () => process.exit(process.env.A ? 1 : 0));\n`,
      "say.ts": `console.log(1);\n`,
    },
    cli: { "main.ts": "" },
    "index.ts": "",
  });
  t.same(checkFloors(root), [
    "bus/b.ts imports cli/main.ts, which is not on its floor or below",
    "bus/bus.ts imports ajv, but is no door for it (scripts/floors.ts)",
    "bus/bus.ts imports leftpad, but is no door for it (scripts/floors.ts)",
    "bus/bus.ts imports level, but is no door for it (scripts/floors.ts)",
    "bus/env.ts uses process.env, which belongs to cli/",
    "bus/env.ts uses process.exit, which belongs to cli/",
    "bus/env.ts uses signal handlers, which belongs to cli/",
    "bus/say.ts uses console, which belongs to cli/",
    "import cycle: bus/a.ts > bus/b.ts > bus/a.ts",
    "schemas/out.ts imports index.ts, which is not on its floor or below",
    "schemas/up.ts imports bus/bus.ts, which is not on its floor or below",
  ]);
});
