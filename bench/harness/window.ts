/** Calls `step(start)` for 0, size, 2 * size, ... up to `count`, at most `width` of them at once. */
export async function inWindow(
  work: { readonly count: number; readonly size: number; readonly width: number },
  step: (start: number, size: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < work.count) {
      const start = next;
      next += work.size;
      await step(start, Math.min(work.size, work.count - start));
    }
  };
  await Promise.all(Array.from({ length: work.width }, run));
}
