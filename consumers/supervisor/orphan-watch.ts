import { isMainThread, workerData } from "node:worker_threads";

/** How often it looks, ms. */
const periodMs = 1_000;

/**
 * The thread beside a consumer's process that ends it when the supervisor has died: the process
 * itself cannot see that while a handler does not come back.
 */
if (!isMainThread) {
  const { supervisor } = workerData as { readonly supervisor: number };
  setInterval(() => {
    if (process.ppid !== supervisor) process.kill(process.pid, "SIGKILL");
  }, periodMs);
}
