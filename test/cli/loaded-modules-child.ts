// Loaded into a program: as it ends, writes the URLs of all modules that it has loaded, of either kind, into a file of
// its own in the folder that FEDBUS_LOADED_MODULES names.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";

const urls = new Set<string>();
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => urls.add(params.url));
session.post("Debugger.enable");
process.on("exit", () =>
  writeFileSync(`${process.env.FEDBUS_LOADED_MODULES}/${process.pid}.txt`, [...urls].join("\n")),
);
