import { statfs } from "node:fs/promises";
import { cpus, freemem, hostname, loadavg, totalmem, uptime } from "node:os";
import { type IntervalHistogram, monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Outgoing } from "../../bus/index.js";
import { demoTopic } from "./schemas.js";

/** Measures this machine. Each call of `sample` covers the time since the one before. */
export class Telemetry {
  readonly #dir: string;
  readonly #host = hostname();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 });
  #times = cpuTimes();
  #loop = performance.eventLoopUtilization();

  /** The disk that is measured is the one that holds `dir`. */
  constructor(dir: string) {
    this.#dir = dir;
    this.#delay.enable();
  }

  async sample(): Promise<Outgoing[]> {
    const host = this.#host;
    const bodies = {
      cpu: this.#cpu(),
      memory: memory(),
      load: load(),
      disk: await disk(this.#dir),
      eventloop: this.#eventLoop(),
    };
    return Object.entries(bodies).map(([what, body]) => ({
      topic: demoTopic(what),
      msg: { host, ...body },
    }));
  }

  stop(): void {
    this.#delay.disable();
  }

  #cpu(): object {
    const now = cpuTimes();
    const total = Math.max(1, now.total - this.#times.total);
    const part = (name: "user" | "sys" | "idle"): number =>
      rounded((now[name] - this.#times[name]) / total);
    const body = {
      cores: cpus().length,
      usage: rounded(1 - (now.idle - this.#times.idle) / total),
      user: part("user"),
      system: part("sys"),
      idle: part("idle"),
    };
    this.#times = now;
    return body;
  }

  #eventLoop(): object {
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#loop = loop;
    const milliseconds = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? rounded(nanoseconds / 1e6) : 0;
    const body = {
      utilization: rounded(utilization),
      p50_ms: milliseconds(this.#delay.percentile(50)),
      p99_ms: milliseconds(this.#delay.percentile(99)),
      max_ms: milliseconds(this.#delay.max),
    };
    this.#delay.reset();
    return body;
  }
}

interface CpuTimes {
  readonly user: number;
  readonly sys: number;
  readonly idle: number;
  readonly total: number;
}

function cpuTimes(): CpuTimes {
  const sum = { user: 0, sys: 0, idle: 0, total: 0 };
  for (const { times } of cpus()) {
    sum.user += times.user + times.nice;
    sum.sys += times.sys + times.irq;
    sum.idle += times.idle;
    sum.total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return sum;
}

function memory(): object {
  const total = totalmem();
  const free = freemem();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    total_bytes: total,
    free_bytes: free,
    used_ratio: rounded(1 - free / total),
    process: { rss_bytes: rss, heap_used_bytes: heapUsed },
  };
}

function load(): object {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    load1: rounded(one),
    load5: rounded(five),
    load15: rounded(fifteen),
    uptime_s: Math.floor(uptime()),
  };
}

async function disk(dir: string): Promise<object> {
  const { blocks, bavail, bsize } = await statfs(dir);
  return {
    total_bytes: blocks * bsize,
    free_bytes: bavail * bsize,
    used_ratio: rounded(blocks === 0 ? 0 : 1 - bavail / blocks),
  };
}

function rounded(value: number): number {
  return Math.max(0, Math.round(value * 1000) / 1000);
}
