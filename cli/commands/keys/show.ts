import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { keyFiles, keysOption } from "../../signing/keys-dir.js";
import { keyName } from "./name.js";

export const show = command({
  positionals: keyName,
  options: keysOption,
  examples: [],
  async run({ name, keys }, context) {
    const { json, out } = context;
    const key = await keyFiles(keys, context).show(name);
    await (json ? out.json(key) : out.line(key.fingerprint));
    return exit.ok;
  },
});
