// The records of a CSV file and the spans of their fields: as include/conversion/kernels finds them.

export const QUOTE = 0x22, LF = 0x0a, CR = 0x0d;
export const DELIMITERS = { comma: 0x2c, semicolon: 0x3b, tab: 0x09, pipe: 0x7c };
export const QUOTED = 1, DOUBLED = 2; // a field in quotes, and one with doubled quotes within
const NO_FAULTS = [];

// What ends the records, looked for in blocks that are handed over until it answers: LF or, in a file without one
// outside quotes, CR.
export class TerminatorSearch {
  constructor(delimiter) {
    this.delimiter = DELIMITERS[delimiter];
    this.place = "start"; // of a field; text, quotes, after (a quote)
    this.lastByte = 0;
    this.loneReturn = false;
  }

  // Whether it is known now.
  feed(data) {
    for (const byte of data) {
      if (this.lastByte === CR && byte !== LF) this.loneReturn = true;
      this.lastByte = byte;
      if (this.place === "quotes") {
        if (byte === QUOTE) this.place = "after";
      } else if (byte === QUOTE && this.place !== "text") {
        this.place = "quotes"; // opens a field, or is the second of two
      } else if (byte === LF) {
        this.found = LF;
        return true;
      } else {
        this.place = byte === this.delimiter || byte === CR ? "start" : "text";
      }
    }
    return false;
  }

  get terminator() {
    return this.found ?? (this.loneReturn || this.lastByte === CR ? CR : LF);
  }
}

export class RecordScan {
  #paused = null; // where a record was left whose end was not there
  #found = { whole: false, end: 0, fields: 0, breaks: 0, faults: NO_FAULTS, opened: null };

  constructor(delimiter, terminator) {
    this.delimiter = delimiter;
    this.terminator = terminator;
    this.spans = new Int32Array(64); // of the record at hand: start, end, how it is quoted
  }

  // The record that begins at `start`: where it ends, and the spans of its fields. Not whole, if its end is not there:
  // then it is asked for again with more behind it, from the first byte on, and goes on where it stopped.
  // `line`: the physical line at `start`.
  record(data, start, final, line) {
    const { delimiter, terminator } = this;
    const size = data.length, feed = terminator === LF;
    let at = start, fields = 0, breaks = 0, faults = NO_FAULTS, resumed = this.#paused;
    this.#paused = null;
    if (resumed) ({ at, fields, breaks, faults } = resumed);
    if (!resumed?.begun) resumed = null;
    for (;;) {
      let field = at, quoted = 0, textEnd = -1;
      if (resumed) ({ field, quoted, textEnd } = resumed);
      if (resumed ? quoted && textEnd < 0 : at < size && data[at] === QUOTE) {
        const breaksBefore = resumed ? resumed.breaksBefore : breaks;
        if (!resumed) {
          quoted = QUOTED;
          at++;
        }
        for (; ; at++) {
          let byte = 0;
          while (at < size && (byte = data[at]) !== QUOTE) {
            if (byte === terminator || (byte === LF && (at === 0 || data[at - 1] !== CR))) breaks++;
            at++;
          }
          if (!final && at + 2 >= size) { // what follows the quote is not known yet
            return this.pause(start, { at, fields, breaks, faults, field, quoted, textEnd, breaksBefore });
          }
          if (at >= size) return this.foundEnd(true, size, fields, breaks, faults, line + breaksBefore);
          if (at + 1 >= size || data[at + 1] !== QUOTE) break;
          quoted = DOUBLED;
          at++;
        }
        textEnd = at++;
        if (!this.endsField(data, at, final)) faults = [...faults, line + breaks];
      }
      resumed = null;
      let byte = 0;
      if (feed) {
        while (at < size && (byte = data[at]) !== delimiter && byte !== LF) at++;
      } else {
        for (; at < size && (byte = data[at]) !== delimiter && byte !== CR; at++) {
          if (byte === LF && (at === 0 || data[at - 1] !== CR)) breaks++;
        }
      }
      const ended = at >= size;
      if (ended && !final) return this.pause(start, { at, fields, breaks, faults, field, quoted, textEnd, breaksBefore: 0 });
      if (textEnd < 0) textEnd = feed && !ended && byte === LF && at > field && data[at - 1] === CR ? at - 1 : at;
      this.keepSpan(fields++, quoted ? field + 1 : field, textEnd, quoted);
      if (ended) return this.foundEnd(true, size, fields, breaks, faults, null);
      at++;
      if (byte === delimiter) continue;
      const length = at - 1 - start;
      if (length === 0 || (feed && length === 1 && data[start] === CR)) fields = 0;
      return this.foundEnd(true, at, fields, breaks + 1, faults, null);
    }
  }

  // Keeps where the record was left, by offsets from its start; a field of which nothing is there begins again.
  pause(start, left) {
    for (let at = 0; start && at < 3 * left.fields; at += 3) {
      this.spans[at] -= start;
      this.spans[at + 1] -= start;
    }
    const begun = left.at > left.field;
    const textEnd = left.textEnd < 0 ? left.textEnd : left.textEnd - start;
    this.#paused = { ...left, at: left.at - start, field: left.field - start, textEnd, begun };
    return this.foundEnd(false, start, left.fields, left.breaks, left.faults, null);
  }

  // The one answer of `record`, filled in anew: a file has many records.
  foundEnd(whole, end, fields, breaks, faults, opened) {
    const found = this.#found;
    found.whole = whole;
    found.end = end;
    found.fields = fields;
    found.breaks = breaks;
    found.faults = faults;
    found.opened = opened;
    return found;
  }

  endsField(data, at, final) {
    if (at >= data.length || data[at] === this.delimiter || data[at] === this.terminator) return true;
    if (this.terminator !== LF || data[at] !== CR) return false;
    return at + 1 < data.length ? data[at + 1] === LF : !final;
  }

  keepSpan(field, start, end, quoted) {
    const at = 3 * field;
    if (at + 3 > this.spans.length) {
      const more = new Int32Array(2 * this.spans.length);
      more.set(this.spans);
      this.spans = more;
    }
    this.spans[at] = start;
    this.spans[at + 1] = end;
    this.spans[at + 2] = quoted;
  }
}

// A record's bytes without its line break.
export function contentOf(data, start, end) {
  if (end > start && data[end - 1] === LF) end--;
  else if (end > start && data[end - 1] === CR) return data.subarray(start, end - 1);
  return data.subarray(start, end > start && data[end - 1] === CR ? end - 1 : end);
}

// The fields of one record without its line break, quotes removed.
export function splitFields(record, delimiter) {
  const fields = [];
  for (let at = 0; ; at++) {
    const bytes = [];
    if (record[at] === QUOTE) {
      for (at++; at < record.length; at++) {
        if (record[at] === QUOTE && record[++at] !== QUOTE) break;
        bytes.push(record[at]);
      }
    }
    while (at < record.length && record[at] !== delimiter) bytes.push(record[at++]);
    fields.push(Uint8Array.from(bytes));
    if (at >= record.length) return fields;
  }
}
