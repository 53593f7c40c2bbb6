import { type Finding, fail, ok, warn } from "./finding.js";

/** Whether this Node can run fedbus: `^20.19 || >=22`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || major >= 22;
  return fits
    ? ok("node", `Node ${version}`)
    : fail("node", `Node ${version} is too old`, "install Node 20.19 or later, or 22 or later");
}

/** Whether the packages with native code load. onnxruntime-node is optional: only models need it. */
export async function checkPackages(): Promise<Finding[]> {
  const reinstall = "run `npm ci` again; there may be no build for this platform";
  const without = "models cannot run here; everything else works";
  return [
    await load(
      "zeromq",
      () => import("zeromq"),
      (text) => fail("zeromq", text, reinstall),
    ),
    await load(
      "level",
      () => import("level"),
      (text) => fail("level", text, reinstall),
    ),
    await load(
      "onnxruntime-node",
      () => import("onnxruntime-node"),
      (text) => warn("onnxruntime-node", text, without),
    ),
  ];
}

async function load(
  name: string,
  open: () => Promise<unknown>,
  onFailure: (text: string) => Finding,
): Promise<Finding> {
  try {
    await open();
    return ok(name, "loads");
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return onFailure(`does not load: ${why}`);
  }
}
