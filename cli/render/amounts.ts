const count = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `1234567` as `1,234,567`. */
export function showCount(value: number): string {
  return count.format(value);
}

/** `1 entry`, `1,234 entries`. */
export function showMany(value: number, one: string, many = `${one}s`): string {
  return `${showCount(value)} ${value === 1 ? one : many}`;
}

/** Bytes as `1.2 MB`. */
export function showBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return `${count.format(value)} ${unit}`;
    value /= 1000;
  }
  return `${count.format(value)} TB`;
}

/** A time in milliseconds since 1970 as ISO 8601 in UTC; `-` if there is none, or no calendar has it. */
export function showTime(time: number | undefined): string {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? "-" : date.toISOString();
}

/** The time of day, here: `--since` takes it back. */
export function showLocalTime(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
