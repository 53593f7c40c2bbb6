import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

t.test("without onnxruntime-node only what runs a model fails, and says why", async (t) => {
  // A copy outside of every folder in which the package could be found.
  const dir = mkdtempSync(join(tmpdir(), "fedbus-no-onnxruntime-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const build = fileURLToPath(new URL("../../../../", import.meta.url));
  for (const part of ["schemas", "bus", "consumers"])
    cpSync(join(build, part), join(dir, part), { recursive: true });
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  const program = `import { GraphBuilder } from "./consumers/models/onnx/graph-builder.js";
    import { ModelSession } from "./consumers/models/runtime/model-session.js";
    const bytes = new GraphBuilder("empty").encode();
    await ModelSession.open(bytes).catch((error) => console.log(JSON.stringify(error)));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: dir });
  t.match(JSON.parse(said.toString()), {
    code: "MODEL_RUNTIME_MISSING",
    message: /needs? onnxruntime-node/,
    details: { package: "onnxruntime-node", platform: process.platform },
  });
});
