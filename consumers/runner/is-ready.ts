import { setImmediate as turn } from "node:timers/promises";

/** Whether the promise settles without waiting for anything but what has happened already. */
export async function isReady(promise: Promise<unknown>): Promise<boolean> {
  let ready = false;
  const tell = (): void => {
    ready = true;
  };
  promise.then(tell, tell);
  await turn();
  return ready;
}
