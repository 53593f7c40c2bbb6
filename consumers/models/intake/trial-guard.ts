// Ends its process, at once and whatever that does, when it takes too much memory or time.
import { workerData } from "node:worker_threads";

const periodMs = 5;
const { trialMs, rssBytesMax } = workerData as {
  readonly trialMs: number;
  readonly rssBytesMax: number;
};
const began = performance.now();

setInterval(() => {
  const late = performance.now() - began > trialMs;
  if (late || process.memoryUsage.rss() > rssBytesMax) process.kill(process.pid, "SIGKILL");
}, periodMs);
