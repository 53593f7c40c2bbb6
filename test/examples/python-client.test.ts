import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { connect, Hub, LevelLog } from "../../bus/index.js";
import { freeUrl } from "../bus/ports.js";
import { until } from "../bus/turns.js";
import { pythonWith } from "../python.js";

const folder = fileURLToPath(new URL("../../../examples/python-client", import.meta.url));
// Debian's python3-zmq where it is there.
const installed = spawnSync("python3", ["-c", "import zmq"]).status === 0;
const python = installed ? { skip: false as const, folder: "" } : await pythonWith("pyzmq==27.1.0");
const { skip } = python;

/** A Python program with the client. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  out = "";
  err = "";

  constructor(t: Test, url: string, lines: readonly string[]) {
    const program = [
      "import sys, json",
      "from fedbus_client import *",
      `bus = Bus(${JSON.stringify(url)})`,
      ...lines,
    ];
    const env = {
      ...process.env,
      PYTHONPATH: `${folder}:${python.folder}`,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
    };
    this.child = spawn("python3", ["-c", program.join("\n")], { env });
    this.ended = once(this.child, "close");
    t.teardown(() => this.child.kill("SIGKILL"));
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
  }

  get lines(): string[] {
    return this.out.split("\n").slice(0, -1);
  }

  /** Lets it go on behind `sys.stdin.readline()`. */
  goOn(): void {
    this.child.stdin?.write("\n");
  }

  async whole(): Promise<string[]> {
    const [code] = await this.ended;
    if (code !== 0) throw new Error(this.err);
    return this.lines;
  }

  async until(count: number): Promise<void> {
    await until(() => {
      if (this.child.exitCode) throw new Error(this.err);
      return this.lines.length >= count;
    });
  }
}

async function opened(t: Test, dir: string, listen = "tcp://127.0.0.1:0") {
  const log = await LevelLog.open(dir, { freeBytesMin: 0, ballastBytes: 0 });
  const hub = await Hub.open(log, { listen });
  const close = async (): Promise<void> => {
    await hub.close();
    await log.close();
  };
  t.teardown(close);
  return { hub, log, close };
}

t.test(
  "python client: publishes with acknowledgements, and each refusal alone",
  { skip },
  async (t) => {
    const { hub } = await opened(t, t.testdir());
    await using bus = await connect(hub.url);
    await bus.registerSchema({ name: "n", version: 1, topics: ["n"], schema: { type: "number" } });
    const { head } = await bus.source.info();
    const program = new Program(t, hub.url, [
      'print(bus.publish("a.b", {"text": "Zoë 😀", "f": 1.5}))',
      'for outcome in bus.publish_many([("n", 1), ("n", "x"), ("n", 2, {"schema": "n@1"}), ("bad topic", 1)]):',
      "    print(getattr(outcome, 'code', outcome))",
      "try:",
      '    bus.publish("n", None)',
      "except FedbusError as error:",
      '    print(error.code, error.details["pointer"])',
      'print(len(bus.publish_many([("many", n) for n in range(25000)])))',
      'print([event.msg for event in bus.read(0, patterns=["n", "a.#"])])',
    ]);
    t.strictSame(await program.whole(), [
      `${head}`,
      `${head + 1}`,
      "SCHEMA_VIOLATION",
      `${head + 2}`,
      "TOPIC_INVALID",
      "SCHEMA_VIOLATION /msg",
      "25000",
      "[{'text': 'Zoë 😀', 'f': 1.5}, 1, 2]",
    ]);
    t.equal((await bus.source.info()).head, head + 3 + 25_000);
  },
);

t.test(
  "python client: subscribes from the log's start, live, and over gaps",
  { skip },
  async (t) => {
    const { hub, log } = await opened(t, t.testdir());
    await using bus = await connect(hub.url);
    await using publisher = bus.publisher({ batchEventsMax: 50 });
    const count = 20_000;
    await publisher.publishMany(Array.from({ length: 100 }, (_, n) => ({ topic: "t.a", msg: n })));
    const program = new Program(t, hub.url, [
      "first = True",
      'for event in bus.subscribe(["t.*", "t.a"], start="earliest"):',
      "    print(event.offset, event.msg)",
      "    if event.msg == 100:",
      "        sys.stdin.readline()",
      `    if event.msg == ${count}:`,
      "        break",
    ]);
    await program.until(100);
    await publisher.publish("other", "x");
    await publisher.publish("t.a", 100);
    await program.until(101);
    // It does not read meanwhile: more frames than can wait for it.
    for (let n = 101; n <= count; n += 100)
      await publisher.publishMany(
        Array.from({ length: Math.min(100, count + 1 - n) }, (_, k) => ({
          topic: "t.b",
          msg: n + k,
        })),
      );
    program.goOn();
    const { head } = log;
    const expected = Array.from(
      { length: count + 1 },
      (_, n) => `${head - 1 - count + n - (n < 100 ? 1 : 0)} ${n}`,
    );
    t.strictSame(await program.whole(), expected);
  },
);

t.test(
  "python client: a restart of the hub loses nothing and doubles nothing",
  { skip },
  async (t) => {
    const dir = t.testdir();
    const listen = await freeUrl();
    const first = await opened(t, dir, listen);
    const publishing = new Program(t, listen, [
      "for n in range(60):",
      '    print(bus.publish("t", n))',
      "    if n == 20: sys.stdin.readline()",
    ]);
    const reading = new Program(t, listen, [
      'for event in bus.subscribe(["t"], start="earliest"):',
      "    print(event.msg)",
      "    if event.msg == 59: break",
    ]);
    await Promise.all([publishing.until(21), reading.until(21)]);
    publishing.goOn();
    await publishing.until(25);
    await first.close();
    await opened(t, dir, listen);
    const offsets = (await publishing.whole()).map(Number);
    t.equal(new Set(offsets).size, 60);
    t.strictSame(
      await reading.whole(),
      Array.from({ length: 60 }, (_, n) => `${n}`),
    );
  },
);
