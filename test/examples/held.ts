/** Something that was so or not at a time. */
export interface Sample {
  readonly at: number;
  readonly isHeld: boolean;
  /** Whether this ends what was alerted. */
  readonly isOver: boolean;
}

/**
 * When a condition had held for `forMs`, and when that was over, from samples in order of time: reckoned anew, for tests.
 * `end` is up to when time is known to have passed.
 */
export function heldFor(samples: readonly Sample[], forMs: number, end: number) {
  const alerts: { readonly since: number; readonly at: number }[] = [];
  const clears: number[] = [];
  let since: number | undefined;
  let isOpen = false;
  const passTo = (time: number) => {
    if (isOpen || since === undefined || since + forMs >= time) return;
    alerts.push({ since, at: since + forMs });
    isOpen = true;
  };
  for (const { at, isHeld, isOver } of samples) {
    if (at > end) break;
    passTo(at);
    if (isOpen && isOver) {
      clears.push(at);
      isOpen = false;
      since = undefined;
    }
    if (!isOpen) since = isHeld ? (since ?? at) : undefined;
  }
  passTo(end + 1);
  return { alerts, clears };
}
