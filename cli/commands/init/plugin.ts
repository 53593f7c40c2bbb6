import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { FedbusError } from "../../../schemas/errors.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { linkPackage } from "../../init/link-package.js";
import { pluginKinds, scaffold } from "../../init/scaffold.js";
import { wrongOption } from "../../units.js";

export const plugin = command({
  positionals: {
    name: { type: "string", demandOption: true, describe: "Its folder, and its name" },
  },
  options: {
    kind: { choices: pluginKinds, default: "transform" as const, describe: "What it is to be" },
    js: { type: "boolean", default: false, describe: "JavaScript instead of TypeScript" },
  },
  examples: [
    ["$0 init plugin totals", "a transform, in TypeScript"],
    ["$0 init plugin too-warm --kind rules --js", "rules, in JavaScript"],
  ],
  async run({ name: folder, kind, js }, { cwd, version, json, out }) {
    const dir = resolve(cwd, folder);
    const name = basename(dir);
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
      throw wrongOption("name", name, "lower-case letters, digits and dashes, 64 at most");
    await checkEmpty(dir);
    const files = scaffold({ name, kind, js, version });
    await mkdir(dir, { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text);
    const linked = await linkPackage(dir);
    if (json) await out.json({ dir, kind, files: Object.keys(files), linked });
    else {
      await out.line(`Wrote ${Object.keys(files).join(", ")} into ${dir}`);
      const main = js ? "plugin.js" : "plugin.ts";
      await out.line(`Try it: cd ${folder} && npm test && fedbus run ./${main}`);
    }
    return exit.ok;
  },
});

async function checkEmpty(dir: string): Promise<void> {
  const found = await readdir(dir).catch(() => []);
  if (found.length === 0) return;
  throw new FedbusError("INPUT_INVALID", `${dir} is not empty`, {
    details: { dir, remedy: "name a new folder" },
  });
}
