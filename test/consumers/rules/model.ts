/** What a rule has to know of one event. */
export interface Reading {
  readonly offset: number;
  /** On the rules' clock, ms. */
  readonly t: number;
  /** Whether `when` and `clearWhen` are true of it. */
  readonly w: boolean;
  readonly c: boolean;
}

/** What was said, of which offset, when. */
type Said = `${"alert" | "clear"} ${number} ${number}`;

interface Common {
  readonly cooldownMs: number;
}

/** A rule that is asked at each event and at the end of each ms: it need not know when to wake. */
export interface TickModel {
  event(reading: Reading): Said[];
  endOf(t: number): Said[];
}

/** The condition has held for `forMs`. */
export function heldModel(
  setting: Common & { readonly forMs: number; readonly clearWhen: boolean },
): TickModel {
  let begun: Reading | undefined;
  let open: { offset: number } | undefined;
  let quietUntil = Number.NEGATIVE_INFINITY;
  const look = (t: number): Said[] => {
    if (open !== undefined || begun === undefined) return [];
    if (t - begun.t < setting.forMs || t < quietUntil) return [];
    open = { offset: begun.offset };
    quietUntil = t + setting.cooldownMs;
    begun = undefined;
    return [`alert ${open.offset} ${t}`];
  };
  return {
    event(reading) {
      const said: Said[] = [];
      const { w, c, t } = reading;
      if (open !== undefined) {
        if (setting.clearWhen ? !c : w) return [];
        said.push(`clear ${open.offset} ${t}`);
        open = undefined;
      }
      begun = w ? (begun ?? reading) : undefined;
      return [...said, ...look(t)];
    },
    endOf: look,
  };
}

/** So many events within a time. */
export function countModel(
  setting: Common & {
    readonly count: number;
    readonly withinMs: number;
    readonly clearWhen: boolean;
    readonly clearBelow: number;
  },
): TickModel {
  let counted: Reading[] = [];
  let open: { offset: number } | undefined;
  let quietUntil = Number.NEGATIVE_INFINITY;
  const within = (t: number) => counted.filter((one) => one.t > t - setting.withinMs).length;
  const look = (t: number): Said[] => {
    if (open !== undefined || t < quietUntil || within(t) < setting.count) return [];
    open = { offset: counted.at(-1)!.offset };
    quietUntil = t + setting.cooldownMs;
    return [`alert ${open.offset} ${t}`];
  };
  return {
    event(reading) {
      const said: Said[] = [];
      if (open !== undefined && setting.clearWhen && reading.c) {
        said.push(`clear ${open.offset} ${reading.t}`);
        open = undefined;
        counted = [];
      }
      if (!reading.w) return said;
      counted.push(reading);
      return [...said, ...look(reading.t)];
    },
    endOf(t) {
      if (open === undefined || setting.clearWhen || within(t) >= setting.clearBelow)
        return look(t);
      const said: Said = `clear ${open.offset} ${t}`;
      open = undefined;
      return [said];
    },
  };
}

/** Nothing for `forMs`. */
export function absentModel(
  setting: Common & { readonly forMs: number; readonly forgetMs: number },
): TickModel {
  let seen: Reading | undefined;
  let open: { offset: number; at: number } | undefined;
  let quietUntil = Number.NEGATIVE_INFINITY;
  return {
    event(reading) {
      const said: Said[] = open === undefined ? [] : [`clear ${open.offset} ${reading.t}`];
      open = undefined;
      seen = reading;
      return said;
    },
    endOf(t) {
      if (open !== undefined && t - open.at >= setting.forgetMs) {
        const said: Said = `clear ${open.offset} ${t}`;
        open = undefined;
        seen = undefined;
        quietUntil = Number.NEGATIVE_INFINITY;
        return [said];
      }
      if (open !== undefined || seen === undefined) return [];
      if (t - seen.t < setting.forMs || t < quietUntil) return [];
      open = { offset: seen.offset, at: t };
      quietUntil = t + setting.cooldownMs;
      return [`alert ${open.offset} ${t}`];
    },
  };
}

/** Everything that `model` says of readings in order of time, ms by ms, up to before `end`. */
export function tickThrough(model: TickModel, readings: readonly Reading[], end: number): Said[] {
  const said: Said[] = [];
  let next = 0;
  for (let t = 0; t < end; t++) {
    for (; next < readings.length && readings[next]!.t === t; next++)
      said.push(...model.event(readings[next]!));
    said.push(...model.endOf(t));
  }
  return said;
}
