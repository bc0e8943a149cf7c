// One JSON record after the other, read from its bytes: faults with the words of the server's reader, and what values show.
import { JsonColumn } from "./json_column.js";
import { badNames, isAllowed } from "./json_names.js";
import { isBlank, stringText } from "./json_text.js";
import { Lines } from "./lines.js";
import { shownOf } from "./text_column.js";
import { ARRAY, OBJECT } from "./value_kinds.js";

const MAX_DEPTH = 40;
const DEEPEST = 900; // about where the server's reader gives up whatever follows
const MOST_KEYS = 100_000; // beyond, the browser does not look at the file any more
const FIRST_ROWS = 10;
const MOST_KEPT = 64 * 1024; // bytes of a value that findings may quote from
const TOO_DEEP = `more than ${MAX_DEPTH} objects and arrays within each other`;
const LONE = "a lone surrogate, half of an escaped character without the other half";

const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b, CLOSE_ARRAY = 0x5d, MINUS = 0x2d, PLUS = 0x2b, POINT = 0x2e, ZERO = 0x30, NINE = 0x39;
const UPPER_E = 0x45, LOWER_E = 0x65, LOWER_F = 0x66, LOWER_N = 0x6e, LOWER_T = 0x74, LOWER_U = 0x75;
const SIMPLE_ESCAPES = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));
const bytesOf = (word) => [...word].map((letter) => letter.charCodeAt(0));
const TRUE = bytesOf("true"), FALSE = bytesOf("false"), NULL = bytesOf("null");
const NO_VALUES = ["NaN", "Infinity", "-Infinity"].map((word) => ({ word, bytes: bytesOf(word) }));

// A text that is not JSON, from this offset on.
export class Fault {
  constructor(at, reason) {
    Object.assign(this, { at, reason });
  }
}

export class JsonRecords {
  constructor(reading) {
    this.asText = new Set(reading.text_columns.map((name) => name.toLowerCase()));
    this.range = 0; // of the records at hand, as the server divides the file
    this.root = new JsonColumn({ way: this });
    this.rows = 0;
    this.keys = 0;
    this.notObjects = new Lines();
    this.duplicates = new Lines();
    this.duplicateKey = "";
    this.refused = new Map(); // by place
    this.firstRows = [];
    this.texts = null; // of the record at hand, if they are shown
    this.serial = 0;
    this.escaped = false;
    this.columns = []; // the way to the value at hand: columns, offsets, and how many steps there were at its begin
    this.starts = [];
    this.begun = [];
    this.depth = 0;
    this.top = null;
    this.raw = null;
  }

  // Reads the record in these bytes, which are UTF-8 text; throws a Fault.
  take(data, start, end, line) {
    Object.assign(this, { data, end, line, twice: false, suspect: false, deep: -1, lone: -1, top: null });
    const first = this.skip(start);
    const isObject = first < end && data[first] === OPEN_OBJECT;
    this.texts = isObject && this.firstRows.length < FIRST_ROWS ? new Map() : null;
    const root = isObject ? this.root : new JsonColumn({ way: this });
    const after = this.skip(this.value(first, root, 0));
    if (after < end) throw new Fault(after, "Extra data");
    if (this.deep >= 0) throw new Fault(this.deep, TOO_DEEP);
    if (this.lone >= 0) throw new Fault(this.lone, LONE);
    this.rows++;
    if (!isObject) return this.notObjects.add(line);
    if (this.twice || this.suspect) this.takeBadNames(data.subarray(start, end), line);
    if (this.texts) this.firstRows.push({ line, texts: this.texts });
  }

  takeBadNames(record, line) {
    const { twice, refused } = badNames(record);
    if (twice !== null) {
      if (!this.duplicates.total) this.duplicateKey = twice;
      this.duplicates.add(line);
    }
    for (const [path, name] of refused) if (!this.refused.has(path)) this.refused.set(path, { path, name, line });
  }

  skip(at) {
    const { data, end } = this;
    while (at < end && isBlank(data[at])) at++;
    return at;
  }

  // The value that begins here, below so many objects and arrays; where it ends.
  value(at, column, depth) {
    const { data, end, line } = this;
    const first = at < end ? data[at] : 0;
    this.columns[depth] = column;
    this.starts[depth] = at;
    this.begun[depth] = this.top ? this.top.steps.length : 0;
    this.depth = depth;
    if (first === QUOTE) {
      const after = this.string(at);
      column.string(data, at + 1, after - 1, this.escaped, line);
      return after;
    }
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      if (depth >= MAX_DEPTH && this.deep < 0) this.deep = at;
      if (depth >= DEEPEST) throw new Fault(this.deep, TOO_DEEP);
      if (depth) column.container(first === OPEN_OBJECT ? OBJECT : ARRAY);
      return first === OPEN_OBJECT ? this.object(at, column, depth) : this.array(at, column, depth);
    }
    if (first === LOWER_N && this.is(NULL, at)) return at + 4;
    if ((first === LOWER_T && this.is(TRUE, at)) || (first === LOWER_F && this.is(FALSE, at))) {
      const after = at + (first === LOWER_T ? 4 : 5);
      column.boolean(data, at, after, line);
      return after;
    }
    const after = this.numberEnd(at);
    if (after < 0) {
      const found = NO_VALUES.find(({ bytes }) => this.is(bytes, at));
      throw new Fault(at, found ? `${found.word} is no JSON value` : "Expecting value");
    }
    column.number(data, at, after, line);
    return after;
  }

  is(bytes, at) {
    if (at + bytes.length > this.end) return false;
    for (let offset = 0; offset < bytes.length; offset++) if (this.data[at + offset] !== bytes[offset]) return false;
    return true;
  }

  numberEnd(at) {
    const { data, end } = this;
    if (at < end && data[at] === MINUS) at++;
    if (at >= end || data[at] < ZERO || data[at] > NINE) return -1;
    at = data[at] === ZERO ? at + 1 : this.digitsEnd(at);
    if (at < end && data[at] === POINT) {
      const after = this.digitsEnd(at + 1);
      if (after > at + 1) at = after;
    }
    if (at < end && (data[at] === UPPER_E || data[at] === LOWER_E)) {
      const first = at + 1 < end && (data[at + 1] === PLUS || data[at + 1] === MINUS) ? at + 2 : at + 1;
      const after = this.digitsEnd(first);
      if (after > first) at = after;
    }
    return at;
  }

  digitsEnd(at) {
    const { data, end } = this;
    while (at < end && data[at] >= ZERO && data[at] <= NINE) at++;
    return at;
  }

  object(at, column, depth) {
    const { data, end } = this;
    const serial = ++this.serial;
    let expected = column.first;
    let next = this.skip(at + 1);
    if (next < end && data[next] === CLOSE_OBJECT) return next + 1;
    for (;;) {
      if (next >= end || data[next] !== QUOTE) throw new Fault(next, "Expecting property name enclosed in double quotes");
      let inner = expected;
      let after = inner ? this.keyEnd(next + 1, inner.key) : 0;
      if (after) {
        if (inner.refused) this.suspect = true;
      } else {
        after = this.string(next);
        inner = this.member(column, next, after);
      }
      if (inner.serial === serial) this.twice = true;
      inner.serial = serial;
      expected = inner.following;
      next = this.skip(after);
      if (next >= end || data[next] !== COLON) throw new Fault(next, "Expecting ':' delimiter");
      next = this.skip(next + 1);
      after = depth ? this.value(next, inner, depth + 1) : this.topValue(next, inner);
      next = this.skip(after);
      if (next < end && data[next] === CLOSE_OBJECT) return next + 1;
      if (next >= end || data[next] !== COMMA) throw new Fault(next, "Expecting ',' delimiter");
      next = this.skip(next + 1);
    }
  }

  // The value of a column.
  topValue(at, column) {
    this.top = column;
    this.raw = null;
    const after = this.value(at, column, 1);
    if (this.raw) this.raw.bytes = this.data.slice(at, Math.min(after, at + MOST_KEPT));
    if (this.texts && !(after - at === 4 && this.data[at] === LOWER_N)) {
      const isString = this.data[at] === QUOTE;
      this.texts.set(column, isString && after - at < MOST_KEPT ? stringText(this.data, at, after) : shownOf(this.data, at, after));
    }
    return after;
  }

  array(at, column, depth) {
    const { data, end } = this;
    let next = this.skip(at + 1);
    if (next < end && data[next] === CLOSE_ARRAY) return next + 1;
    column.element ??= this.counted(new JsonColumn({ name: "[]", way: this }));
    for (;;) {
      next = this.skip(this.value(next, column.element, depth + 1));
      if (next < end && data[next] === CLOSE_ARRAY) return next + 1;
      if (next >= end || data[next] !== COMMA) throw new Fault(next, "Expecting ',' delimiter");
      next = this.skip(next + 1);
    }
  }

  // Offset after the quote that ends a key, if it is this one; else 0.
  keyEnd(at, key) {
    const { data } = this;
    const length = key.length;
    if (at + length >= this.end || data[at + length] !== QUOTE) return 0;
    for (let offset = 0; offset < length; offset++) if (data[at + offset] !== key[offset]) return 0;
    return at + length + 1;
  }

  // The column of a key; one that was not there before is made.
  member(owner, start, after) {
    const spelled = stringText(this.data, start, after);
    const name = spelled.toLowerCase();
    const refused = !isAllowed(spelled);
    if (refused) this.suspect = true;
    const known = owner.members.get(name);
    if (known) return known;
    const made = this.counted(new JsonColumn({
      name, key: this.data.slice(start + 1, after - 1), row: this.rows, refused, way: this,
      asText: owner === this.root && this.asText.has(name),
    }));
    owner.add(name, made);
    return made;
  }

  counted(column) {
    if (++this.keys > MOST_KEYS) throw new Error("There are too many keys to look at here.");
    return column;
  }

  string(at) {
    const { data, end } = this;
    let next = at + 1, high = -1;
    this.escaped = false;
    for (;;) {
      let byte = 0;
      while (next < end && (byte = data[next]) !== QUOTE && byte !== BACKSLASH && byte >= 0x20) next++;
      if (next >= end) throw new Fault(at, "Unterminated string starting at");
      if (byte === QUOTE) {
        if (high >= 0 && this.lone < 0) this.lone = high;
        return next + 1;
      }
      if (byte !== BACKSLASH) throw new Fault(next, "Invalid control character at");
      if (next + 1 >= end) throw new Fault(at, "Unterminated string starting at");
      this.escaped = true;
      const unit = this.escape(next);
      const isLow = unit >= 0xdc00 && unit <= 0xdfff;
      if (high >= 0) {
        if (!(isLow && next === high + 6) && this.lone < 0) this.lone = high;
        high = -1;
        if (!isLow && unit >= 0xd800 && unit <= 0xdbff) high = next;
      } else if (isLow) {
        if (this.lone < 0) this.lone = next;
      } else if (unit >= 0xd800 && unit <= 0xdbff) {
        high = next;
      }
      next += unit < 0 ? 2 : 6;
    }
  }

  // The unit that the escape at this offset stands for; -1 for one of a single letter.
  escape(at) {
    const { data, end } = this;
    const letter = data[at + 1];
    if (letter !== LOWER_U) {
      if (!SIMPLE_ESCAPES.has(letter)) throw new Fault(at, "Invalid \\escape");
      return -1;
    }
    const digits = String.fromCharCode(...data.subarray(at + 2, Math.min(at + 6, end)));
    if (at + 6 >= end || !/^[0-9A-Fa-f]{4}$/.test(digits)) throw new Fault(at + 1, "Invalid \\uXXXX escape");
    return parseInt(digits, 16);
  }

  // A value at the end of the way shows something new of its column.
  grew(column, text) {
    const { top, depth } = this;
    if (!top) return;
    this.raw ??= { bytes: null };
    top.steps.push({
      evidence: column.alone(), line: this.line, text, raw: this.raw,
      path: this.columns.slice(2, depth + 1).map(({ name }) => name),
      begun: this.begun.slice(1, depth + 1),
      starts: this.starts.slice(1, depth + 1).map((start) => start - this.starts[1]),
    });
  }

  // Of records without faults, in the order first seen.
  get named() {
    return [...this.root.members.values()].filter(({ row }) => row < this.rows);
  }
}
