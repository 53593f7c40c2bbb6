import { join } from "node:path";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { keyFiles, keysOption } from "../../signing/keys-dir.js";
import { keyName } from "./name.js";

export const create = command({
  positionals: keyName,
  options: keysOption,
  examples: [["$0 keys create alice", "then `fedbus publish --sign alice`"]],
  async run({ name, keys }, context) {
    const { json, out, colours } = context;
    const files = keyFiles(keys, context);
    const key = await files.create(name);
    const publicKey = join(files.dir, `${name}.pub`);
    if (json) await out.json({ ...key, publicKey });
    else
      await out.write(
        `${colours.green("made")} ${name}  ${key.fingerprint}\n` +
          `Name ${publicKey} under "keys" in a trust file, for hubs that shall know it.\n`,
      );
    return exit.ok;
  },
});
