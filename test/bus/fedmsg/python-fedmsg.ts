import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pythonWith } from "../../python.js";

// fedmsg needs pkg_resources, and fails in silence with a newer pyOpenSSL.
const packages = ["fedmsg[commands,consumers]==1.1.7", "setuptools<81", "pyopenssl<24.3"];

/** The modules of its commands by name: each holds a function of that name. */
const commands = ["tail", "logger", "announce", "hub"] as const;
type CommandName = (typeof commands)[number];

/** The real fedmsg, run from a folder with its configuration, or why it cannot be. */
export interface Fedmsg {
  readonly skip: string | false;
  start(name: CommandName, dir: string, ...args: readonly string[]): FedmsgProcess;
}

/** Installs fedmsg the first time: needs Python 3.11 or so, pip, and its index. */
export async function realFedmsg(): Promise<Fedmsg> {
  const python = await pythonWith(...packages);
  const probe = "import fedmsg.commands.tail, fedmsg.consumers, OpenSSL.crypto as c; c.load_crl";
  const broken =
    python.skip === false
      ? await python.run(probe).then(
          () => false as const,
          (error) => `fedmsg cannot be imported: ${String(error).slice(-200)}`,
        )
      : python.skip;
  return {
    skip: broken,
    start: (name, dir, ...args) => new FedmsgProcess(python.folder, name, { dir, args }),
  };
}

/** A running program of fedmsg's. */
export class FedmsgProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** What it has printed, to either stream. */
  text = "";

  constructor(
    folder: string,
    name: CommandName,
    { dir, args }: { readonly dir: string; readonly args: readonly string[] },
  ) {
    const program = `from fedmsg.commands.${name} import ${name}; ${name}()`;
    const env = {
      ...process.env,
      PYTHONPATH: `${folder}:${dir}`,
      PYTHONUNBUFFERED: "1",
      HOME: dir,
    };
    this.child = spawn("python3", ["-W", "ignore", "-c", program, ...args], { cwd: dir, env });
    this.ended = once(this.child, "close");
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.text += text;
      });
    this.child.stdin?.on("error", () => {});
  }

  /** Gives it a line to read, and the end. */
  async write(line: string): Promise<void> {
    this.child.stdin?.end(`${line}\n`);
    await this.ended;
  }

  /** Ends it at once: fedmsg's programs do not all heed a gentler signal. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}
