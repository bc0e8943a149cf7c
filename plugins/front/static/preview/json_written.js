// A JSON value as findings quote it: a string itself, numbers as written, what is in objects and arrays set out evenly.
import { isBlank, stringText } from "./json_text.js";

const MOST = 1000; // characters; findings cut after fewer
const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a;
const OPENS = new Set([0x7b, 0x5b]), CLOSES = new Set([0x7d, 0x5d]);

// The value that begins at an offset of bytes that may be cut off behind it.
export function written(data, at) {
  let text = "", depth = 0;
  while (at < data.length && text.length < MOST) {
    const byte = data[at];
    if (isBlank(byte)) {
      at++;
      continue;
    }
    if (byte === QUOTE) {
      const after = stringEnd(data, at);
      if (after > data.length) break;
      const inner = stringText(data, at, after);
      if (depth === 0) return inner;
      text += JSON.stringify(isKey(data, after) ? inner.toLowerCase() : inner);
      at = after;
      continue;
    }
    if (depth === 0 && (CLOSES.has(byte) || byte === COMMA)) break;
    if (OPENS.has(byte)) depth++;
    if (CLOSES.has(byte)) depth--;
    text += byte === COMMA ? ", " : byte === COLON ? ": " : String.fromCharCode(byte);
    at++;
    if (depth === 0 && CLOSES.has(byte)) break;
  }
  return text;
}

function stringEnd(data, at) {
  for (at++; at < data.length && data[at] !== QUOTE; at++) if (data[at] === BACKSLASH) at++;
  return at + 1;
}

function isKey(data, at) {
  while (isBlank(data[at])) at++;
  return data[at] === COLON;
}
