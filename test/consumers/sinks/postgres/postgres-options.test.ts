import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { postgres } from "../../../../consumers/sinks/postgres/postgres.js";
import type { PostgresOptions } from "../../../../consumers/sinks/postgres/postgres-options.js";

t.test("postgres: all wrong options are named together", async (t) => {
  const problems = (given: object): string[] => {
    try {
      postgres({ connection: "postgres://x", table: "t", ...given } as PostgresOptions);
    } catch (error) {
      return (error as { details: { problems: string[] } }).details.problems;
    }
    return [];
  };
  const wrong = {
    connection: "mysql://x",
    table: "",
    columns: { a: { from: "/body/a", type: "int); DROP" } },
  };
  t.match(problems(wrong), [/^connection/, /^table/, /^columns a type/]);
  t.match(problems({ connection: { hots: 1 } }), [/^connection hots is not an option/]);
  t.match(problems({ table: "x".repeat(64) }), [/^table/]);
  t.match(problems({ table: "a\0b" }), [/^table/]);
  t.match(problems({ columns: { a: "/body/a" }, key: ["b"] }), [/^key b is not a column/]);
  t.match(problems({ columns: { event_offset: "/body/a" } }), [/set offsetColumn/]);
  t.match(problems({ columns: { ["é".repeat(32)]: "/body/a" } }), [/^columns é/]);
  for (const type of ["numeric(12,2)", "double precision", "text[]", "timestamp with time zone"])
    t.strictSame(problems({ columns: { a: { from: "/body/a", type } } }), []);
  for (const type of ["text; x", 'text"', "text--", "text default 'x'", "a(1) b", ""])
    t.match(problems({ columns: { a: { from: "/body/a", type } } }), [/type must be/]);
});

t.test("postgres: without the package pg the error says what to install", async (t) => {
  // A copy outside of every folder in which the package could be found.
  const dir = mkdtempSync(join(tmpdir(), "fedbus-no-pg-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const build = fileURLToPath(new URL("../../../../", import.meta.url));
  for (const part of ["schemas", "bus", "consumers"])
    cpSync(join(build, part), join(dir, part), { recursive: true });
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const program = `import { postgres } from "./consumers/sinks/postgres/postgres.js";
    const sink = postgres({ connection: "postgres://x", table: "t" });
    const event = { offset: 0, id: "a:0", topic: "a", recordedAt: 0, timestamp: 0, body: 1 };
    await sink.deliver([event], new AbortController().signal).catch((error) => console.log(JSON.stringify(error)));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: dir });
  t.match(JSON.parse(said.toString()), {
    code: "PACKAGE_MISSING",
    message: /npm install pg/,
    details: { package: "pg" },
  });
});
