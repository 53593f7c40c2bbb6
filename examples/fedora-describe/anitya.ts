// Releases of upstream projects: anitya.project, anitya.distro
import type { Describer } from "fedbus/schemas";
import { type Body, bodyOf, stepsOf, text, texts } from "./body.js";

const icon = "https://apps.fedoraproject.org/packages/images/icons/package_128x128.png";
const root = "https://release-monitoring.org/";

export const anitya: Describer = {
  topics: ["org.fedoraproject.*.anitya.#", "org.release-monitoring.*.anitya.#"],
  describe: ({ topic, msg }) => {
    const body = bodyOf(msg);
    const said = { ...body, ...bodyOf(body.message) };
    const project = bodyOf(body.project ?? said.project);
    const agent = agentOf(text(said.agent));
    const kind = stepsOf(topic).slice(1).join(".");
    const name = text(project.name) || text(bodyOf(body.distro).name);
    const id = text(project.id);
    const link = kind.startsWith("distro")
      ? `${root}distros`
      : id === ""
        ? root
        : `${root}project/${id}/`;
    return {
      icon,
      subtitle: sentence(kind, { who: agent.shown, name, said }),
      link,
      users: kind === "project.version.update" ? ["anitya"] : texts(agent.user),
      ...touched(kind, name, said),
    };
  },
};

/** Old messages name people by OpenID, newer ones by mail address, of which Fedora's hold user names. */
function agentOf(agent: string): { readonly shown: string; readonly user: string } {
  const [, user = ""] =
    /^https?:\/\/([^.]+)\.id\.fedoraproject\.org/.exec(agent) ??
    /^([^@]+)@fedoraproject\.org$/.exec(agent) ??
    /^([^@/]+)$/.exec(agent) ??
    [];
  return { shown: user || agent, user };
}

function sentence(
  kind: string,
  { who, name, said }: { readonly who: string; readonly name: string; readonly said: Body },
): string {
  const [distro, next, before] = [text(said.distro), text(said.new), text(said.prev)];
  const sentences: Readonly<Record<string, () => string>> = {
    "distro.add": () => `${who} added the distro named "${name}" to anitya`,
    "distro.edit": () => `${who} changed a distro name from "${text(said.old)}" to "${next}"`,
    "distro.remove": () => `${who} deleted the distro "${name}"`,
    "project.add": () => `${who} added the project "${name}" to anitya`,
    "project.add.tried": () =>
      `${who} tried to add the project "${name}" to anitya (but it already exists there)`,
    "project.edit": () =>
      `${who} edited the following fields of the "${name}" project: ${texts(said.fields).join(", ")}`,
    "project.remove": () => `${who} deleted the "${name}" project`,
    "project.flag": () => `${who} flagged the project "${name}"`,
    "project.flag.set": () => `${who} ${text(said.state)} flag "${text(said.flag)}"`,
    "project.map.new": () => `${who} mapped the name of "${name}" in ${distro} to "${next}"`,
    "project.map.update": () =>
      `${who} updated the name of "${name}" in "${distro}" from "${before}" to "${next}"`,
    "project.map.remove": () => `${who} deleted the mapping of "${name}" project on "${distro}"`,
    "project.version.remove": () => `${who} deleted the version ${text(said.version)} of "${name}"`,
    "project.version.update": () => released(name, said),
  };
  return sentences[kind]?.() ?? `${who} did something about "${name}"`;
}

function released(name: string, said: Body): string {
  const before = text(said.old_version);
  const packages = fedoraPackages(said);
  const newer = before === "" ? "" : ` newer than "${before}"`;
  const as = packages.length === 0 ? "" : `, packaged as "${packages.join(" and ")}"`;
  return `A new version of "${name}" has been detected:  "${text(said.upstream_version)}"${newer}${as}`;
}

function fedoraPackages(said: Body): string[] {
  const all = Array.isArray(said.packages) ? said.packages.map(bodyOf) : [];
  return texts(all.filter(({ distro }) => distro === "Fedora").map((one) => one.package_name));
}

function touched(kind: string, name: string, said: Body) {
  const [distro, flag] = [text(said.distro), text(said.flag)];
  if (kind === "distro.edit")
    return { packages: [], objects: texts(said.old, said.new).map((one) => `distros/${one}`) };
  if (kind.startsWith("distro.")) return { packages: [], objects: [`distros/${name}`] };
  if (kind === "project.flag.set") return { packages: [], objects: [`flag/${flag}`] };
  if (kind === "project.map.new" || kind === "project.map.update") {
    const packages = texts(said.new, said.prev);
    const mappings = packages.map((one) => `mappings/${distro}/${one}`);
    return { packages, objects: [`distros/${distro}`, ...mappings, `projects/${name}`] };
  }
  return { packages: fedoraPackages(said), objects: [`projects/${name}`] };
}
