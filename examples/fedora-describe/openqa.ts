// Tests of installations and updates: openqa.job, openqa.comment
import type { Describer, Description } from "fedbus/schemas";
import { type Body, bodyOf, stepsOf, text, texts } from "./body.js";

const commentMax = 30;

export const openqa: Describer = {
  topics: "org.fedoraproject.*.openqa.#",
  describe: ({ topic, msg }) => {
    const [, kind = "", step = ""] = stepsOf(topic);
    const isStaging = topic.split(".")[2] === "stg";
    const root = `https://openqa.${isStaging ? "stg." : ""}fedoraproject.org`;
    const body = bodyOf(msg);
    if (kind === "comment") return comment(body, step, root);
    return kind === "job" ? job(body, step, { root, isStaging }) : undefined;
  },
};

function comment(body: Body, step: string, root: string): Description {
  const [job, group, user] = [text(body.job_id), text(body.group_id), text(body.user)];
  const said = text(body.text);
  const shown = said.length > commentMax ? `${said.slice(0, commentMax)}...` : said;
  const place = job === "" ? `openQA group ${group}` : `openQA job ${job}`;
  const verb = step === "create" ? "created" : `${step}d`;
  return {
    subtitle: `${user} ${verb} comment #${text(body.id)} on ${place}, text: ${shown}`,
    link: job === "" ? `${root}/group_overview/${group}` : `${root}/tests/${job}#comments`,
    users: texts(user),
    objects: [job || group],
  };
}

function job(
  body: Body,
  step: string,
  { root, isStaging }: { readonly root: string; readonly isStaging: boolean },
): Description {
  const id = text(body.id);
  const build = text(body.BUILD) || text(body.build);
  const [iso, disk, result] = [text(body.ISO), text(body.HDD_1), text(body.result)];
  const image = iso !== "" ? ` for iso ${iso}` : disk === "" ? "" : ` for disk ${disk}`;
  const test = text(body.TEST);
  const what = test === "" ? "" : ` (test ${test} on ${text(body.MACHINE)}${image})`;
  const manner = text(body.auto) === "1" ? "automatically " : "manually ";
  const left = step === "done" ? `, ${text(body.remaining)} remaining jobs` : "";
  const happened: Readonly<Record<string, string>> = {
    create: "created",
    restart: `restarted as ${result}`,
    duplicate: `${manner}duplicated as ${result}`,
    cancel: "cancelled",
    delete: "deleted",
    done: result === "" ? "completed" : `completed with result ${result}`,
  };
  return {
    subtitle: `${isStaging ? "staging " : ""}job ${id}${what} ${happened[step] ?? step} for ${build}${left}`,
    link: `${root}/tests/${id}`,
    objects: texts(build, iso || disk),
  };
}
