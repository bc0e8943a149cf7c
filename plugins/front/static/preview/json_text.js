// JSON texts by their bytes: blanks, and strings with what their escapes stand for.
const BACKSLASH = 0x5c;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const isBlank = (byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

// The text of a string that is known to be JSON, given with its quotes.
export function stringText(data, start, end) {
  const inner = data.subarray(start + 1, end - 1);
  return inner.includes(BACKSLASH) ? JSON.parse(decoder.decode(data.subarray(start, end))) : decoder.decode(inner);
}

// How many characters there are from one offset to another.
export function charactersIn(data, start, end) {
  let characters = 0;
  for (let at = start; at < end; at++) if ((data[at] & 0xc0) !== 0x80) characters++;
  return characters;
}
