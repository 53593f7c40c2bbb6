import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWith } from "../../../python.js";

/** `onnx` itself, the reference that has the last word on what an ONNX file may be. */
export const python = await pythonWith("onnx==1.23.2");

const program = `
import sys, onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        print("ok")
    except Exception as error:
        print(str(error).replace("\\n", " "))
`;

/** What onnx's checker says of each file, shapes and types inferred: `ok`, or what is wrong. */
export async function checkedByPython(files: readonly Uint8Array[]): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), "fedbus-checked-"));
  try {
    const paths = files.map((_, index) => join(dir, `${index}.onnx`));
    for (const [index, file] of files.entries()) await writeFile(paths[index]!, file);
    return (await python.run(program, ...paths)).trim().split("\n");
  } finally {
    await rm(dir, { recursive: true });
  }
}
