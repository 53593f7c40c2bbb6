// Composes of distributions: compose.BRANCH[.STEP].start|complete|done|stop
import type { Describer } from "fedbus/schemas";
import { type Body, bodyOf, stepsOf, text } from "./body.js";

const root = "https://kojipkgs.fedoraproject.org/compose/";

/** What each step does, between "Started" and "compose". */
const steps: Readonly<Record<string, string>> = {
  mash: "mashing",
  pungify: "building boot.iso for",
  rsync: "master mirror publication for",
  image: "building other images for",
};

/** Steps of the respins after a release, and what they do. */
const respins: Readonly<Record<string, string>> = {
  "make-updates": "",
  "cloudimg-build": "building images for ",
  "mash-atomic": "Atomic updates mash for ",
  "atomic-lorax": "Atomic lorax run for ",
  "cloudimg-checksum": "image checksum generation for ",
  "cloudimg-staging": "master mirror publication for ",
};

const ends = ["complete", "done", "stop", "finish"];

export const compose: Describer = {
  topics: "org.fedoraproject.*.compose.#",
  describe: ({ topic, msg }) => {
    const [, line = "", step = "", last = step] = stepsOf(topic);
    const body = bodyOf(msg);
    const verb = ends.includes(last) ? "Completed" : "Started";
    const objects = [`${line}/${text(body.arch) || "primary"}`];
    const respin = respins[step];
    if (respin !== undefined) {
      const what = `${respin}Fedora ${line} post-release Cloud/Atomic/Docker respin compose`;
      return { subtitle: `${verb} ${what}`, link: root, objects };
    }
    const doing = steps[step];
    const what = `${doing === undefined ? "" : `${doing} `}${nameOf(line, body)}`;
    const isOver = verb === "Completed" && (doing === undefined || step === "rsync");
    const link = text(body.location) || (isOver || line === "epelbeta" ? root : "");
    return { subtitle: `${verb} ${what}`, objects, ...(link === "" ? {} : { link }) };
  },
};

function nameOf(line: string, body: Body): string {
  if (line === "epelbeta") return "Fedora EPEL Beta compose";
  const branch = text(body.branch);
  const short = text(body.short) || (/^[Mm]odular-/.test(branch) ? "Fedora-Modular" : "");
  const id = text(body.compose_id);
  // Before composes had ids, a released version's could be one of several.
  const isOne = short !== "" || !/^\d+$/.test(line);
  const product = isOne
    ? short || "Fedora"
    : "Fedora, Fedora-Atomic, Fedora-Cloud or Fedora-Docker";
  const version = line === "branched" ? branch : line.charAt(0).toUpperCase() + line.slice(1);
  const arch = text(body.arch);
  return `${product} ${version}${arch === "" ? "" : ` (${arch})`} compose${id === "" ? "" : ` ${id}`}`;
}
