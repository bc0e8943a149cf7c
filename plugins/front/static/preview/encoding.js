// Whether bytes are UTF-8 text, and what else they look like: as include/conversion/encoding.py says it.

const BOM = [0xef, 0xbb, 0xbf];
const WIDE = [
  [[0xff, 0xfe, 0x00, 0x00], "UTF-32 (little endian)"],
  [[0x00, 0x00, 0xfe, 0xff], "UTF-32 (big endian)"],
  [[0xff, 0xfe], "UTF-16 (little endian)"],
  [[0xfe, 0xff], "UTF-16 (big endian)"],
];
const NO_TEXT = [
  [[0xd0, 0xcf, 0x11, 0xe0], "an Excel workbook of the old kind (.xls)"],
  [[0x50, 0x4b, 0x03, 0x04], "an Excel workbook (.xlsx) or a ZIP archive"],
  [[0x1f, 0x8b, 0x08], "a file packed by gzip (.gz)"],
  [[0x50, 0x41, 0x52, 0x31, 0x15], "a Parquet file"],
];
const SAMPLE = 4096;
const MANY = 0.3; // of the bytes are NUL: characters of two or four bytes
const LF = 0x0a, CR = 0x0d;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const startsWith = (data, bytes) => bytes.every((byte, at) => data[at] === byte);

export const BOM_LENGTH = BOM.length;
export const startsWithBom = (data) => startsWith(data, BOM);

// The fact of a file of two- or four-byte characters, or of no characters at all, judged by its first bytes; null for any other.
export function wideEncoding(data) {
  for (const [mark, encoding] of [...WIDE, ...NO_TEXT]) {
    if (startsWith(data, mark)) return { encoding, offset: 0, line: 1, byte: data[0] };
  }
  const sample = data.subarray(0, SAMPLE);
  const zeros = sample.reduce((count, byte) => count + (byte === 0), 0);
  if (sample.length < 2 || zeros < MANY * sample.length) return null;
  const odd = sample.reduce((count, byte, at) => count + (byte === 0 && at % 2 === 1), 0);
  const order = odd > zeros - odd ? "little" : "big";
  return { encoding: `UTF-16 (${order} endian)`, offset: sample.indexOf(0), line: 1, byte: 0 };
}

// How many physical lines end: at line feeds or, where carriage returns end the records, at these as well.
export function lineBreaks(data, terminator) {
  let breaks = 0;
  if (terminator === LF) {
    for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, at + 1)) breaks++;
    return breaks;
  }
  for (let at = 0; at < data.length; at++) {
    if (data[at] === CR || (data[at] === LF && (at === 0 || data[at - 1] !== CR))) breaks++;
  }
  return breaks;
}

// The fact of the first byte that is not UTF-8, or null. `offset` and `line` are those of the start of `data`.
export function invalidUtf8(data, { offset, line, terminator }) {
  try {
    strict.decode(data);
    return null;
  } catch {
    const at = firstInvalid(data);
    return {
      encoding: eightBitEncoding(data, at),
      offset: offset + at,
      line: line + lineBreaks(data.subarray(0, at), terminator),
      byte: data[at],
    };
  }
}

const isFollower = (byte) => byte >= 0x80 && byte <= 0xbf;

// How many followers a lead byte asks for; 0 for what leads nothing.
function followers(byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return 1;
  if (byte >= 0xe0 && byte <= 0xef) return 2;
  return byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
}

function firstInvalid(data) {
  let at = 0;
  while (at < data.length) {
    if (data[at] < 0x80) {
      at++;
      continue;
    }
    const wanted = followers(data[at]);
    if (!wanted || !isCharacter(data, at, wanted)) return at;
    at += wanted + 1;
  }
  return at;
}

function isCharacter(data, at, wanted) {
  const [lead, second] = [data[at], data[at + 1]];
  const lowest = { 0xe0: 0xa0, 0xf0: 0x90 }[lead] ?? 0x80; // shorter forms
  const highest = { 0xed: 0x9f, 0xf4: 0x8f }[lead] ?? 0xbf; // surrogates, and what is beyond Unicode
  if (!(second >= lowest && second <= highest)) return false;
  for (let follower = 2; follower <= wanted; follower++) if (!isFollower(data[at + follower])) return false;
  return true;
}

function eightBitEncoding(data, at) {
  const rest = data.subarray(at);
  if (rest.length <= followers(rest[0]) && rest.subarray(1).every(isFollower)) {
    return "UTF-8 whose last character is cut off";
  }
  const high = new Set(rest.filter((byte) => byte >= 0x80));
  if ([0x81, 0x8d, 0x8f, 0x90, 0x9d].some((byte) => high.has(byte))) return "no encoding we know";
  return [...high].some((byte) => byte < 0xa0) ? "Windows-1252" : "Latin-1 (ISO-8859-1) or Windows-1252";
}
