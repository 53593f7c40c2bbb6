import { command } from "../command.js";
import { checkBus } from "../doctor/bus.js";
import { checkDirectory } from "../doctor/directory.js";
import type { Finding } from "../doctor/finding.js";
import { checkNode, checkPackages } from "../doctor/runtime.js";
import { exit } from "../exit.js";
import type { Colours } from "../render/colours.js";
import { escapeText } from "../render/escape.js";

export const doctor = command({
  positionals: {},
  options: {},
  examples: [["$0 doctor --json", "for a program"]],
  async run(_values, { where, json, out, colours }) {
    const findings = [
      checkNode(process.version),
      ...(await checkPackages()),
      ...(await checkDirectory(where.dir)),
      ...(await checkBus(where)),
    ];
    if (json) await out.json({ findings });
    else await out.write(findings.map((finding) => render(finding, colours)).join(""));
    return findings.some(({ status }) => status === "fail") ? exit.problems : exit.ok;
  },
});

function render({ check, status, text, remedy }: Finding, colours: Colours): string {
  const paint = { ok: colours.green, warn: colours.yellow, fail: colours.red }[status];
  const line = `${paint(status.padEnd(4))}  ${check.padEnd(16)}  ${escapeText(text)}\n`;
  return remedy === undefined ? line : `${line}      ${" ".repeat(16)}  ${escapeText(remedy)}\n`;
}
