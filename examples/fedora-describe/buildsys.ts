// Koji, which builds packages: buildsys.build, task, tag, untag, repo, package, rpm
import type { Describer, Description } from "fedbus/schemas";
import { type Body, bodyOf, stepsOf, text, texts } from "./body.js";

const icon = "https://fedoraproject.org/w/uploads/2/20/Artwork_DesignService_koji-icon-48.png";
const states = ["started building", "completed", "was deleted", "failed to build", "was cancelled"];
const taskStates: Readonly<Record<string, string>> = {
  OPEN: "started",
  FAILED: "failed",
  CLOSED: "completed",
  CANCELED: "was cancelled",
};

/** Which Koji it is, and where. */
interface Place {
  readonly instance: string;
  readonly url: string;
  /** What is said of another than the primary one. */
  readonly suffix: string;
}

export const buildsys: Describer = {
  topics: "org.fedoraproject.*.buildsys.#",
  describe: ({ topic, msg }) => {
    const [, kind = "", step = ""] = stepsOf(topic);
    const body = bodyOf(msg);
    const place = placeOf(text(body.instance) || "primary", topic);
    const about = {
      build: () => build(body, place),
      task: () => task(body, place),
      tag: () => tag(body, place, "tagged into"),
      untag: () => tag(body, place, "untagged from"),
      repo: () => repo(body, place, step === "init" ? "Repo initialized" : "Repo done"),
      package: () => listChange(body, place),
      rpm: () => signed(body, place),
    }[kind];
    return about === undefined ? undefined : { icon, users: [], packages: [], ...about() };
  },
};

function placeOf(instance: string, topic: string): Place {
  const isPrimary = instance === "primary";
  const stage = topic.split(".")[2] === "stg" ? "stg." : "";
  const host = `${isPrimary ? "" : `${instance}.`}koji.${stage}fedoraproject.org`;
  return { instance, url: `http://${host}/koji`, suffix: isPrimary ? "" : ` (${instance})` };
}

function build(body: Body, { instance, url, suffix }: Place): Description {
  const [name, version, release] = [text(body.name), text(body.version), text(body.release)];
  const owner = text(body.owner);
  const whose = owner === "" ? "" : `${owner}'s `;
  return {
    subtitle: `${whose}${name}-${version}-${release} ${states[Number(body.new)] ?? "changed"}${suffix}`,
    link: `${url}/buildinfo?buildID=${text(body.build_id)}`,
    users: texts(owner),
    packages: texts(name),
    objects: [`${instance}/builds/${name}/${version}/${release}`],
  };
}

function task(body: Body, { instance, url, suffix }: Place): Description {
  const [owner, srpm, state] = [text(body.owner), text(body.srpm), text(body.new)];
  const request: unknown = bodyOf(body.info).request;
  const target = Array.isArray(request) ? text(request[1]) : "";
  return {
    subtitle: `${owner}'s scratch build of ${srpm}${target === "" ? "" : ` for ${target}`} ${taskStates[state] ?? state}${suffix}`,
    link: `${url}/taskinfo?taskID=${text(body.id)}`,
    users: texts(owner),
    objects: [`${instance}/scratch_builds/${srpm}`],
  };
}

function tag(body: Body, { instance, url, suffix }: Place, verb: string): Description {
  const [name, version, release] = [text(body.name), text(body.version), text(body.release)];
  const [owner, user, into] = [text(body.owner), text(body.user), text(body.tag)];
  return {
    subtitle: `${owner}'s ${name}-${version}-${release} ${verb} ${into} by ${user}${suffix}`,
    link: `${url}/taginfo?tagID=${text(body.tag_id)}`,
    users: texts(owner, user),
    packages: texts(name),
    objects: [`${instance}/builds/${name}/${version}/${release}`, `${instance}/tags/${into}`],
  };
}

function repo(body: Body, { instance, url, suffix }: Place, what: string): Description {
  const name = text(body.tag) || "unknown";
  const id = text(body.tag_id);
  return {
    subtitle: `${what}:  ${name}${suffix}`,
    link: id === "" ? url : `${url}/taginfo?tagID=${id}`,
    objects: [`${instance}/repos/${name}`],
  };
}

function listChange(body: Body, { instance, suffix }: Place): Description {
  const [name, into] = [text(body.package), text(body.tag)];
  return {
    subtitle: `Package list change for ${name}:  '${into}'${suffix}`,
    packages: texts(name),
    objects: [`${instance}/tags/${into}`],
  };
}

function signed(body: Body, { url, suffix }: Place): Description {
  const info = bodyOf(body.info ?? body.rpm);
  const name = text(info.name);
  const file = `${name}-${text(info.version)}-${text(info.release)}.${text(info.arch)}.rpm`;
  return {
    subtitle: `Koji build ${file} signed with sigkey '${text(info.sigkey) || text(body.sigkey)}'${suffix}`,
    link: `${url}/buildinfo?buildID=${text(info.build_id)}`,
    packages: texts(name),
    objects: [`signatures/${name}`],
  };
}
