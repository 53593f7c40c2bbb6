// Packages' repositories: git.receive, git.branch, git.lookaside, git.mass_branch, git.pkgdb2branch
import type { Describer, Description } from "fedbus/schemas";
import { type Body, bodyOf, stepsOf, text, texts } from "./body.js";

const icon = "https://apps.fedoraproject.org/img/icons/git-logo.png";
const root = "https://src.fedoraproject.org";

export const git: Describer = {
  topics: "org.fedoraproject.*.git.#",
  describe: ({ topic, msg }) => {
    const [, kind = "", ...rest] = stepsOf(topic);
    const body = bodyOf(msg);
    const about = {
      receive: () => received(body, rest[0]),
      branch: () => branched(body, rest),
      lookaside: () => uploaded(body),
      mass_branch: () => massBranched(body, rest.at(-1) === "start"),
      pkgdb2branch: () => pkgdb2branch(body, rest.at(-1) === "start"),
    }[kind];
    return about === undefined ? undefined : { icon, ...about() };
  },
};

function received(body: Body, name = ""): Description {
  const commit = bodyOf(body.commit);
  const repo = text(commit.repo) || name;
  const namespace = text(commit.namespace);
  const place = namespace === "" ? repo : `${namespace}/${repo}`;
  const user = text(commit.username);
  const summary = text(commit.summary).split("\n")[0] ?? "";
  const isMore = text(commit.message).trim().length > summary.trim().length;
  const files = Object.keys(bodyOf(bodyOf(commit.stats).files));
  const branch = text(commit.branch);
  return {
    subtitle: `${user || text(commit.email)} pushed to ${place} (${branch}).  "${summary}${isMore ? " (..more)" : ""}"`,
    link: `${root}/${namespace || "rpms"}/${repo}/c/${text(commit.rev)}?branch=${branch}`,
    users: texts(user),
    packages: namespace === "" || namespace === "rpms" ? texts(repo) : [],
    objects: files.map((file) => `${repo}/${file}`).sort(),
  };
}

function branched(body: Body, [name = "", branch = ""]: readonly string[]): Description {
  const repo = text(body.name) || name;
  const to = text(body.branch) || branch;
  const agent = text(body.agent);
  return {
    subtitle: `${agent} created branch '${to}' for the '${repo}' package`,
    link: `${root}/rpms/${repo}/commits/${to}`,
    users: texts(agent),
    packages: texts(repo),
    objects: [`${repo}/__git__`],
  };
}

function uploaded(body: Body): Description {
  const [name, file, agent] = [text(body.name), text(body.filename), text(body.agent)];
  const path = text(body.path) || `${name}/${file}/${text(body.md5sum)}/${file}`;
  return {
    subtitle: `${agent} uploaded ${file} for ${name}`,
    link: `${root}/lookaside/pkgs/${path}`,
    users: texts(agent),
    packages: texts(name),
    objects: [`${name}/${file}`],
  };
}

function massBranched({ agent }: Body, starts: boolean): Description {
  const who = text(agent);
  const subtitle = starts
    ? `${who} started a mass branch`
    : `mass branch started by ${who} completed`;
  return { subtitle, users: texts(who), packages: [], objects: [] };
}

function pkgdb2branch(body: Body, starts: boolean): Description {
  const who = text(body.agent);
  const failed = texts(body.unbranchedPackages);
  const packages = texts(body.unbranchedPackages, body.branchedPackages);
  const errors =
    failed.length === 0 ? "" : ` with ${failed.length} error${failed.length > 1 ? "s" : ""}`;
  const subtitle = starts
    ? `${who} started a run of pkgdb2branch`
    : `run of pkgdb2branch started by ${who} completed${errors}`;
  return {
    subtitle,
    users: texts(who),
    packages,
    objects: packages.map((name) => `${name}/__git__`),
  };
}
