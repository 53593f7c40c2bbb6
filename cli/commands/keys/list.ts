import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";
import { keyFiles, keysOption } from "../../signing/keys-dir.js";

export const list = command({
  positionals: {},
  options: keysOption,
  examples: [],
  async run({ keys }, context) {
    const { json, out } = context;
    const found = await keyFiles(keys, context).list();
    const rows = found.map(({ name, kind, canSign, fingerprint }) => [
      name,
      kind,
      canSign ? "yes" : "no",
      fingerprint,
    ]);
    if (json) await out.write(found.map(jsonLine).join(""));
    else await out.write(table([["NAME", "KIND", "SIGNS", "FINGERPRINT"], ...rows]));
    return exit.ok;
  },
});
