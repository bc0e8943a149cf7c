// What kind of value a field is, by its bytes: the rules of include/domain/text_rules.py, to which a test holds this equal.

export const [EMPTY, QUOTED_EMPTY, NULL_WORD, BOOLEAN, INTEGER, BIG_INTEGER, POINT, SCIENTIFIC, DATE, TIMESTAMP,
  TIMESTAMP_ZONED, TEXT, OBJECT, ARRAY] = Array(14).keys();

// The names that the server gives them.
export const KIND_NAMES = ["empty", "quoted_empty", "null_word", "boolean", "integer", "big_integer", "point", "scientific",
  "date", "timestamp", "timestamp_zoned", "text", "object", "array"];

const MINUS = 0x2d, PLUS = 0x2b, DOT = 0x2e, COLON = 0x3a, SPACE = 0x20, SLASH = 0x2f, ZERO = 0x30, NINE = 0x39;
const UPPER_E = 0x45, LOWER_E = 0x65, UPPER_T = 0x54, UPPER_Z = 0x5a;
const MAX_DIGITS = 38;
const SAFE_DIGITS = 15; // every double prints so many back
const EXACT_POWER = 22; // ten to it is a double, and a quotient by it is rounded once
const MAX_DOUBLE_DIGITS = 17;
const LAST_INTEGER = "9223372036854775807";
const FIRST_INTEGER = "9223372036854775808"; // behind a minus

// What `numberKind` and `instantKind` leave of the number or instant they looked at last.
export const last = { integerDigits: 0, places: 0, negativeZero: false, fine: false };

// The significant digits and the power of ten of that number, for `survives`.
let significant = 0;
let power = 0;

const isDigit = (byte) => byte >= ZERO && byte <= NINE;

export function asciiText(data, start, end) {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(data[at]);
  return text;
}

// INTEGER, BIG_INTEGER, POINT or SCIENTIFIC; TEXT for what is no number.
export function numberKind(data, start, end) {
  let at = start;
  const negative = data[at] === MINUS;
  if (negative) at++;
  const first = at;
  while (at < end && isDigit(data[at])) at++;
  const digits = at - first;
  const lone = digits === 1 && data[first] === ZERO;
  if (digits === 0 || (digits > 1 && data[first] === ZERO)) return TEXT;
  if (at === end) return integerKind(data, first, end, negative, lone);
  let places = 0, leading = 0, exponent = 0, kind = POINT;
  if (data[at] === DOT) {
    const point = ++at;
    if (lone) while (at < end && data[at] === ZERO) at++;
    leading = at - point;
    while (at < end && isDigit(data[at])) at++;
    places = at - point;
    if (places === 0) return TEXT;
  }
  if (at < end) {
    if (data[at] !== UPPER_E && data[at] !== LOWER_E) return TEXT;
    exponent = exponentOf(data, at + 1, end);
    if (exponent === null) return TEXT;
    kind = SCIENTIFIC;
  }
  significant = (lone ? 0 : digits) + places - leading;
  power = exponent - places;
  if (kind === SCIENTIFIC && significant !== 0 && !isPlain() && !Number.isFinite(Number(asciiText(data, start, end)))) {
    return TEXT;
  }
  last.integerDigits = lone ? 0 : digits;
  last.places = places;
  last.negativeZero = negative && significant === 0;
  return kind;
}

const isPlain = () => significant <= SAFE_DIGITS && power >= -EXACT_POWER && power <= EXACT_POWER;

function exponentOf(data, at, end) {
  const negative = data[at] === MINUS;
  if (at < end && (negative || data[at] === PLUS)) at++;
  if (at >= end) return null;
  let value = 0;
  for (; at < end; at++) {
    if (!isDigit(data[at])) return null;
    value = Math.min(value * 10 + data[at] - ZERO, 100_000); // beyond any double; more digits need not be counted
  }
  return negative ? -value : value;
}

function integerKind(data, first, end, negative, lone) {
  const digits = end - first;
  if (digits > MAX_DIGITS || (lone && negative)) return TEXT;
  last.integerDigits = lone ? 0 : digits;
  last.places = 0;
  last.negativeZero = false;
  significant = digits;
  power = 0;
  if (digits < LAST_INTEGER.length) return INTEGER;
  if (digits > LAST_INTEGER.length) return BIG_INTEGER;
  return asciiText(data, first, end) <= (negative ? FIRST_INTEGER : LAST_INTEGER) ? INTEGER : BIG_INTEGER;
}

// Whether the number that `numberKind` looked at last is the same as a double.
export function survives(kind, data, start, end) {
  if (kind === BIG_INTEGER) return false;
  if (significant === 0 || isPlain()) return true;
  if (kind === POINT && significant <= MAX_DOUBLE_DIGITS && power >= -EXACT_POWER && printsBack(data, start, end)) return true;
  const text = asciiText(data, start, end);
  const value = Number(text);
  if (kind === INTEGER) return BigInt(value) === BigInt(text);
  if (significant > MAX_DOUBLE_DIGITS || value === 0 || !Number.isFinite(value)) return false;
  const shortest = String(value);
  if (shortest === text) return true;
  const written = normal(text);
  const short = normal(shortest);
  if (short === written && significantDigits(shortest) === significant) return true;
  return normal(rounded(value, significant)) === written;
}

const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, exponent) => 10 ** exponent);
const LOW_DIGITS = 9;

// Whether a number of 16 or 17 digits is for certain what the double nearest to it prints back; as the server's kernel
// tells it. The quotient is found with about twice a double's digits: `high + low` is the mantissa, exactly, and what
// Dekker's product leaves of it by the first quotient corrects that. Where it is near the middle between two doubles, or
// the text near the middle between two texts, the answer is no, and somebody slower decides.
function printsBack(data, start, end) {
  let left = significant, upper = 0, lower = 0, begun = false;
  for (let at = start; at < end; at++) {
    const digit = data[at] - ZERO;
    if (digit < 0 || (digit === 0 && !begun)) continue; // minus, point
    begun = true;
    if (left-- > LOW_DIGITS) upper = upper * 10 + digit;
    else lower = lower * 10 + digit;
  }
  const shifted = upper * 1e9; // at most eight digits and nine zeros: exact
  const high = shifted + lower;
  const low = lower - (high - shifted);
  const divisor = POWERS[-power];
  const quotient = high / divisor;
  const correction = remainder(high, low, quotient, divisor) / divisor;
  const value = quotient + correction;
  if (quotient + correction * LESS !== value || quotient + correction * MORE !== value) return false;
  const rest = remainder(high, low, value, divisor);
  return rest <= NEARLY_HALF && rest >= -NEARLY_HALF;
}

const SPLITTER = 2 ** 27 + 1;
const LESS = 1 - 2 ** -40, MORE = 1 + 2 ** -40;
const NEARLY_HALF = 0.499;

// `high + low - quotient * divisor`, by Dekker's exact product.
function remainder(high, low, quotient, divisor) {
  const product = quotient * divisor;
  let split = quotient * SPLITTER;
  const upper = split - (split - quotient);
  const lower = quotient - upper;
  split = divisor * SPLITTER;
  const divisorUpper = split - (split - divisor);
  const divisorLower = divisor - divisorUpper;
  const error = upper * divisorUpper - product + upper * divisorLower + lower * divisorUpper + lower * divisorLower;
  return high - product - error + low;
}

// A double with so many significant digits, halves to even as Python rounds them (toExponential rounds them up).
function rounded(value, digits) {
  const nearest = value.toExponential(digits - 1);
  const exact = value.toExponential(100);
  const [mantissa, exponent] = exact.split("e");
  const all = mantissa.replace(/[-.]/g, "");
  if (!/^50*$/.test(all.slice(digits))) return nearest;
  const kept = BigInt(all.slice(0, digits));
  const even = kept % 2n === 0n ? kept : kept + 1n;
  return `${value < 0 ? "-" : ""}${even}e${Number(exponent) - digits + 1}`;
}

const significantDigits = (text) => text.replace(/^-/, "").split(/e/i)[0].replace(".", "").replace(/^0+/, "").length;

// Equal for equal numbers: sign, digits without zeros at either end, and the power of ten of the last.
function normal(text) {
  const [mantissa, exponent = "0"] = text.replace(/^-/, "").split(/e/i);
  const [whole, places = ""] = mantissa.split(".");
  const digits = (whole + places).replace(/^0+/, "");
  const bare = digits.replace(/0+$/, "");
  return `${text[0] === "-" ? "-" : ""}${bare}e${Number(exponent) - places.length + digits.length - bare.length}`;
}

const TRUE = 0x74727565; // true
const FALS = 0x66616c73; // fals

// `true` or `false` in lower, title or upper case.
export function isBoolean(data, start, end) {
  const length = end - start;
  if (length !== 4 && length !== 5) return false;
  const word = length === 4 ? TRUE : FALS;
  if (length === 5 && (data[start + 4] | 0x20) !== LOWER_E) return false;
  let upper = 0;
  for (let offset = 0; offset < length; offset++) {
    const byte = data[start + offset];
    if (offset < 4 && (byte | 0x20) !== ((word >>> (24 - 8 * offset)) & 0xff)) return false;
    if ((byte & 0x20) === 0) upper |= 1 << offset;
  }
  return upper === 0 || upper === 1 || upper === (1 << length) - 1;
}

const two = (data, at) =>
  isDigit(data[at]) && isDigit(data[at + 1]) ? (data[at] - ZERO) * 10 + data[at + 1] - ZERO : 1000;

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const NO_OFFSET = 100_000;

export const isYearFirst = (data, start, end) =>
  end - start >= 10 && data[start + 4] === MINUS && data[start + 7] === MINUS;

export function isDayFirst(data, start, end) {
  const mark = data[start + 2];
  return end - start >= 10 && (mark === SLASH || mark === MINUS || mark === DOT) && data[start + 5] === mark;
}

// DATE, TIMESTAMP, TIMESTAMP_ZONED or TEXT of a text that `isYearFirst`, or `isDayFirst` where `dayFirst` says so.
export function instantKind(data, start, end, dayFirst) {
  last.fine = false;
  const [yearAt, monthAt, dayAt] = dayFirst ? [start + 6, start + 3, start] : [start, start + 5, start + 8];
  const century = two(data, yearAt), years = two(data, yearAt + 2);
  const month = two(data, monthAt), day = two(data, dayAt);
  if (century > 99 || years > 99 || month < 1 || month > 12 || day < 1 || day > DAYS[month]) return TEXT;
  const year = century * 100 + years;
  if (year === 0) return TEXT;
  if (month === 2 && day === 29 && !((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0)) return TEXT;
  if (end - start === 10) return DATE;
  let at = start + 10;
  if (end - start < 16 || (data[at] !== UPPER_T && data[at] !== SPACE) || data[at + 3] !== COLON) return TEXT;
  const hours = two(data, at + 1), minutes = two(data, at + 4);
  let seconds = 0;
  let fraction = 0;
  at += 6;
  if (at + 2 < end && data[at] === COLON) {
    seconds = two(data, at + 1);
    at += 3;
    if (at < end && data[at] === DOT) {
      const point = ++at;
      while (at < end && isDigit(data[at])) fraction = fraction * 10 + data[at++] - ZERO;
      const digits = at - point;
      if (digits === 0 || digits > 6) return TEXT;
      fraction *= 10 ** (6 - digits);
    }
  }
  if (hours > 23 || minutes > 59 || seconds > 59) return TEXT;
  let kind = TIMESTAMP;
  if (at < end) {
    const offset = offsetOf(data, at, end);
    if (offset === NO_OFFSET) return TEXT;
    const minute = hours * 60 + minutes - offset; // of the day, in UTC
    if (year === 1 && month === 1 && day === 1 && minute < 0) return TEXT;
    if (year === 9999 && month === 12 && day === 31 && minute >= 1440) return TEXT;
    kind = TIMESTAMP_ZONED;
  }
  last.fine = fraction % 1000 !== 0;
  return kind;
}

// Minutes east of Greenwich of `Z` or `+HH:MM`.
function offsetOf(data, at, end) {
  if (end - at === 1 && data[at] === UPPER_Z) return 0;
  const sign = data[at];
  if (end - at !== 6 || (sign !== PLUS && sign !== MINUS) || data[at + 3] !== COLON) return NO_OFFSET;
  const hours = two(data, at + 1), minutes = two(data, at + 4);
  if (hours > 23 || minutes > 59) return NO_OFFSET;
  return sign === MINUS ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

// The words for a missing value, asked for by bytes.
export class Words {
  constructor(words) {
    const encoded = words.map((word) => ({ word, bytes: new TextEncoder().encode(word) }));
    this.longest = Math.max(0, ...encoded.map(({ bytes }) => bytes.length));
    this.ofLength = Array.from({ length: this.longest + 1 }, (_, length) =>
      encoded.filter(({ bytes }) => bytes.length === length),
    );
  }

  // The word that these bytes are, or null.
  find(data, start, end) {
    const length = end - start;
    if (length > this.longest) return null;
    for (const { word, bytes } of this.ofLength[length]) {
      let at = 0;
      while (at < length && bytes[at] === data[start + at]) at++;
      if (at === length) return word;
    }
    return null;
  }
}
