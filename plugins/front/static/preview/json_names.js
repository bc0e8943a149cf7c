// Which keys of a record cannot be names of columns, and which is there twice: as include/conversion/json_objects.py says it.
import { isBlank, stringText } from "./json_text.js";

const ALLOWED = /^[A-Za-z0-9_]{1,255}$/;
const RESERVED = "extraction_timestamp";
const QUOTE = 0x22, COMMA = 0x2c, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d, OPEN_ARRAY = 0x5b, CLOSE_ARRAY = 0x5d;

export const isAllowed = (name) => ALLOWED.test(name) && name.toLowerCase() !== RESERVED;

// Reads a record again that is known to be JSON: objects as Maps, in which the last of several values counts.
class Again {
  constructor(data) {
    this.data = data;
    this.twice = null;
    this.suspect = false;
  }

  past(at) {
    while (isBlank(this.data[at])) at++;
    return at;
  }

  // The value that begins here, and where it ends: [value, after]. Only objects and arrays are told apart.
  value(at) {
    const { data } = this;
    if (data[at] === OPEN_OBJECT) return this.object(at);
    if (data[at] === OPEN_ARRAY) return this.array(at);
    if (data[at] === QUOTE) return [null, this.stringEnd(at)];
    while (at < data.length && data[at] !== COMMA && data[at] !== CLOSE_OBJECT && data[at] !== CLOSE_ARRAY && !isBlank(data[at])) at++;
    return [null, at];
  }

  stringEnd(at) {
    for (at++; this.data[at] !== QUOTE; at++) if (this.data[at] === 0x5c) at++;
    return at + 1;
  }

  object(at) {
    const names = [], members = new Map();
    for (at = this.past(at + 1); this.data[at] !== CLOSE_OBJECT; at = this.past(at)) {
      if (this.data[at] === COMMA) at = this.past(at + 1);
      const after = this.stringEnd(at);
      const name = stringText(this.data, at, after);
      names.push(name);
      const [value, end] = this.value(this.past(this.past(after) + 1));
      members.set(name, value);
      at = end;
    }
    this.look(names);
    return [members, at + 1];
  }

  array(at) {
    const elements = [];
    for (at = this.past(at + 1); this.data[at] !== CLOSE_ARRAY; at = this.past(at)) {
      if (this.data[at] === COMMA) at = this.past(at + 1);
      const [value, end] = this.value(at);
      elements.push(value);
      at = end;
    }
    return [elements, at + 1];
  }

  look(names) {
    const seen = new Set();
    let repeated = null;
    for (const name of names) {
      const stored = name.toLowerCase();
      if (seen.has(stored)) repeated ??= name;
      seen.add(stored);
    }
    if (repeated === null) this.suspect ||= !names.every(isAllowed);
    else this.twice ??= repeated;
  }
}

function* refusedIn(value, place) {
  if (value instanceof Map) {
    for (const [name, inner] of value) {
      if (!isAllowed(name)) yield [place + name, name];
      yield* refusedIn(inner, `${place}${name}.`);
    }
  } else if (Array.isArray(value)) {
    for (const inner of value) yield* refusedIn(inner, place);
  }
}

// Of the bytes of a record: `twice`, the first repeated key or null, and `refused`, pairs of place and key.
export function badNames(record) {
  const again = new Again(record);
  const [value] = again.value(again.past(0));
  return { twice: again.twice, refused: again.suspect ? refusedIn(value, "") : [] };
}
