import { cpuMsOf } from "../harness/process-usage.js";

/** A publisher's process, as far as all systems have it alike. */
interface Source {
  call(name: "batches", work: { count: number }): Promise<{ startUs: number; endUs: number }>;
}

/** A subscriber's process, likewise. */
interface Sink {
  call(name: "expect", work: { count: number }): Promise<number>;
}

/** A running message system: its server, one publisher and one subscriber. */
export interface System extends AsyncDisposable {
  readonly name: string;
  readonly publisher: Source;
  readonly subscriber: Sink;
  /** Process ids by what the process does. */
  readonly pids: Readonly<Record<string, number>>;
  /** Forgets the events that were published, where keeping them would slow the system down. */
  clear(): Promise<void>;
}

export interface Flow {
  /** Events a second, from the first publish to the last acknowledgement and the last arrival. */
  readonly perSecond: number;
  /** CPU microseconds an event took in each process. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

/** Sends `count` events through. `publish` says how; default: in batches. */
export async function flow(
  system: System,
  count: number,
  publish: () => Promise<{ startUs: number; endUs: number }> = () =>
    system.publisher.call("batches", { count }),
): Promise<Flow> {
  const before = cpuOf(system);
  const arrived = system.subscriber.call("expect", { count });
  const { startUs, endUs } = await publish();
  const lastUs = Math.max(endUs, await arrived);
  const after = cpuOf(system);
  const cpuUs = after.map(([name, ms], at) => [name, ((ms - before[at]![1]) * 1000) / count]);
  await system.clear();
  return { perSecond: (count / (lastUs - startUs)) * 1e6, cpuUs: Object.fromEntries(cpuUs) };
}

function cpuOf({ pids }: System): [string, number][] {
  return Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid)]);
}
