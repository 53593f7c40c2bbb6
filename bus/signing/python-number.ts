const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * A JSON number's text as Python writes it after it has read it: an integer of any size stays itself, anything
 * else becomes the shortest decimal of the double, in Python's form (`1.0`, `1e-07`, `1e+16`).
 */
export function pythonNumber(text: string): string {
  if (/^-?\d+$/.test(text)) return text === "-0" ? "0" : text;
  const value = Number(text);
  if (!Number.isFinite(value)) return value < 0 ? "-Infinity" : "Infinity";
  return pythonFloat(value);
}

/** `repr` of a float: digits from JavaScript (both write the shortest that reads back), layout from Python. */
function pythonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = number.exec(
    value.toExponential(),
  )!;
  const digits = whole + fraction;
  // The value is 0.DIGITS times ten to the power of `point`.
  const point = Number(exponent) + 1;
  if (point > 16 || point < -3) return sign + scientific(digits, point - 1);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, "0")}.0`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
}
