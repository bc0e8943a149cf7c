// What the values under one key of JSON objects show, at any depth: as include/conversion/json_columns.py has it.
import { written } from "./json_written.js";
import { MAX_LISTED, seen } from "./lines.js";
import { TextColumn, shownOf } from "./text_column.js";
import { ARRAY, BOOLEAN, DATE, OBJECT, TEXT, Words, asciiText, instantKind, isYearFirst, last,
  numberKind } from "./value_kinds.js";

const CONTAINERS = (1 << OBJECT) | (1 << ARRAY);
const NO_WORDS = new Words([]);
const encoder = new TextEncoder();

// How often something was seen. The conversion keeps the first of each range: so does this.
class SeenInRanges {
  constructor(way) {
    Object.assign(this, { way, total: 0, lines: [], texts: new Set(), range: -1, inRange: 0 });
  }

  add(data, start, end, line) {
    this.total++;
    if (this.range !== this.way.range) [this.range, this.inRange] = [this.way.range, 0];
    if (++this.inRange > MAX_LISTED) return;
    if (this.lines.length < MAX_LISTED && !this.lines.includes(line)) this.lines.push(line);
    if (this.texts.size < MAX_LISTED) this.texts.add(asciiText(data, start, end));
  }
}

export class JsonColumn extends TextColumn {
  // `key`: the bytes of its name between the quotes as first spelled; `row`: of the record that first had it.
  constructor({ name = "", key = null, row = 0, refused = false, asText = false, way }) {
    super({ asText, dayFirst: false, words: NO_WORDS, wordsFirst: false });
    this.wholly = false;
    this.fine = new SeenInRanges(way);
    Object.assign(this, { name, key, row, refused, way });
    this.serial = 0; // of the last object that had it
    this.members = new Map(); // by stored name
    this.first = null;
    this.final = null;
    this.following = null; // the next beside it, in the order first seen
    this.element = null;
  }

  add(name, inner) {
    this.members.set(name, inner);
    if (this.first) this.final.following = inner;
    else this.first = inner;
    this.final = inner;
  }

  number(data, start, end, line) {
    if (this.seen & (1 << TEXT)) return;
    const kind = this.asText ? TEXT : numberKind(data, start, end);
    if (kind === TEXT) this.show(TEXT, data, start, end, line);
    else this.grow(kind, data, start, end, line);
  }

  // A string without its quotes; `escaped` if it has a backslash.
  string(data, start, end, escaped, line) {
    if (this.seen & (1 << TEXT)) return;
    if (escaped) {
      const bytes = encoder.encode(JSON.parse(`"${new TextDecoder().decode(data.subarray(start, end))}"`));
      this.text(bytes, 0, bytes.length, line);
    } else {
      this.text(data, start, end, line);
    }
  }

  text(data, start, end, line) {
    const kind = !this.asText && isYearFirst(data, start, end) ? instantKind(data, start, end, false) : TEXT;
    if (kind > DATE && kind < TEXT && last.fine) this.fine.add(data, start, end, line);
    this.show(kind, data, start, end, line);
  }

  boolean(data, start, end, line) {
    if (this.seen & (1 << TEXT)) return;
    this.show(this.asText ? TEXT : BOOLEAN, data, start, end, line);
  }

  // An object or array that begins; what is in it is taken by itself.
  container(kind) {
    const bit = 1 << (this.asText ? TEXT : kind);
    if (this.seen & (bit | (1 << TEXT))) return;
    this.seen |= bit;
    this.way.grew(this, null);
  }

  show(kind, data, start, end, line, grown = false) {
    if (this.seen & (1 << kind) && !grown) return;
    this.seen |= 1 << kind;
    this.way.grew(this, shownOf(data, start, end));
  }

  // What its values show by themselves, without what is in objects and arrays.
  alone() {
    if (!(this.seen & CONTAINERS)) return super.evidence();
    if (this.seen === 1 << OBJECT) return { kinds: ["object"] };
    if (this.seen === 1 << ARRAY) return { kinds: ["array"], element: {} };
    return { kinds: ["text"] };
  }

  evidence() {
    const evidence = this.alone();
    if (this.seen === 1 << OBJECT) evidence.fields = [...this.members].map(([name, inner]) => [name, inner.evidence()]);
    if (this.seen === 1 << ARRAY && this.element) evidence.element = this.element.evidence();
    return evidence;
  }

  facts() {
    const steps = this.steps.map(({ evidence, line, path, begun }) => ({ evidence, line, path, begun }));
    return { evidence: this.evidence(), steps, fine_timestamps: seen(this.fine) };
  }

  // For each step the value that it is, and those that it is within, as findings quote them.
  values() {
    return { steps: this.steps.map(textsOf), fine_timestamps: [...this.fine.texts] };
  }
}

function textsOf({ text, starts, path, raw: { bytes } }) {
  return starts.map((start, depth) => {
    if (depth === path.length && text !== null) return text;
    if (!bytes || start >= bytes.length) return null;
    return depth === 0 ? shownOf(bytes, 0, bytes.length) : written(bytes, start);
  });
}
