// The records and fields of a CSV file, and everything that is wrong with them: as include/conversion/csv_check.py finds it.
import { BOM_LENGTH, invalidUtf8, lineBreaks, startsWithBom, wideEncoding } from "./encoding.js";
import { MAX_LISTED, TextColumn, seen, shownOf, textOf } from "./text_column.js";
import { Words } from "./value_kinds.js";
import { Waiting } from "./waiting.js";

export const BLOCK_BYTES = 8 * 1024 ** 2;
const MAX_RECORD_BYTES = 128 * 1024 ** 2;
const MAX_COLUMNS = 10_000;
const FIRST_ROWS = 10;
const QUOTE = 0x22, LF = 0x0a, CR = 0x0d;
const USUAL_WORDS = new Set(["NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"]);
export const DELIMITERS = { comma: 0x2c, semicolon: 0x3b, tab: 0x09, pipe: 0x7c };

// A count of something, with the lines of the first of it.
class Lines {
  constructor() {
    this.total = 0;
    this.lines = [];
  }

  add(line, listed = true) {
    this.total++;
    if (listed && this.lines.length < MAX_LISTED && !this.lines.includes(line)) this.lines.push(line);
  }
}

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

export class CsvReader {
  // `reading`: delimiter, text_columns, day_first_columns and null_words as the API takes them.
  constructor(reading, terminator) {
    this.reading = reading;
    this.delimiter = DELIMITERS[reading.delimiter];
    this.terminator = terminator;
    this.words = new Words(reading.null_words);
    this.wordsFirst = reading.null_words.some((word) => !USUAL_WORDS.has(word)); // some could be read as a value too
    this.offset = 0; // in the file, of the next record
    this.line = 1; // the physical line there
    this.started = false;
    this.going = true;
    this.header = null;
    this.headerCounts = null; // of fields, by other delimiters
    this.secondCounts = null;
    this.columns = [];
    this.rows = 0;
    this.firstRows = [];
    this.encoding = null;
    this.nul = new Lines();
    this.afterQuotes = new Lines();
    this.ragged = [];
    this.raggedTotal = 0;
    this.blankEnd = new Lines(); // blank lines that nothing but blank lines has followed yet
    this.unclosed = null;
    this.tooLong = null;
    this.found = { whole: false, end: 0, fields: 0, breaks: 0, faults: NO_FAULTS, opened: null };
    this.spans = new Int32Array(64); // of the record at hand: start, end, how it is quoted
    this.scratch = new Uint8Array(256);
    this.paused = null; // where a record was left whose end was not there
    this.waiting = new Waiting();
  }

  // One more block of the file.
  take(block) {
    if (!this.going) return;
    this.waiting.past(this.feed(this.waiting.and(block), false));
    if (this.going && this.waiting.length > MAX_RECORD_BYTES) {
      const { opened } = this.record(this.waiting.bytes, 0, true);
      this.tooLong = { line: this.line, open_quote: opened };
      this.going = false;
    }
  }

  end() {
    if (this.going) this.feed(this.waiting.bytes, true);
    this.waiting.clear();
  }

  // Takes the whole records from the start of `data`; how many bytes they are.
  feed(data, final) {
    let skipped = 0;
    if (!this.started) {
      if (data.length <= BOM_LENGTH && !final) return 0;
      this.started = true;
      this.encoding = wideEncoding(data);
      if (this.encoding) {
        this.going = false;
        return data.length;
      }
      if (startsWithBom(data)) this.offset = skipped = BOM_LENGTH;
    }
    return skipped + this.records(data.subarray(skipped), final);
  }

  records(data, final) {
    const firstLine = this.line;
    let start = 0, faults = 0, secondWanted = this.secondCounts === null;
    while (start < data.length) {
      const found = this.record(data, start, final);
      if (!found.whole) break;
      for (const line of found.faults) this.afterQuotes.add(line, ++faults <= MAX_LISTED);
      if (found.opened !== null) this.unclosed = found.opened;
      if (this.header === null) {
        this.takeHeader(contentOf(data, start, found.end));
      } else {
        if (secondWanted) {
          this.takeSecond(contentOf(data, start, found.end));
          secondWanted = false;
        }
        this.takeRow(data, found.opened === null ? found.fields : this.header.length, found.opened === null);
      }
      this.line += found.breaks;
      start = found.end;
    }
    this.takeBytes(data.subarray(0, start), firstLine);
    this.offset += start;
    return start;
  }

  takeBytes(data, line) {
    this.encoding ??= invalidUtf8(data, { offset: this.offset, line, terminator: this.terminator });
    let before = 0;
    for (let at = data.indexOf(0); at >= 0; at = data.indexOf(0, at + 1)) {
      if (this.nul.lines.length < MAX_LISTED) {
        line += lineBreaks(data.subarray(before, at), this.terminator);
        before = at;
      }
      this.nul.add(line);
    }
  }

  // The record that begins at `start`: where it ends, and the spans of its fields. Not whole, if its end is not there:
  // then it is asked for again with more behind it, from the first byte on, and goes on where it stopped.
  record(data, start, final) {
    const { delimiter, terminator } = this;
    const size = data.length, feed = terminator === LF;
    let at = start, fields = 0, breaks = 0, faults = NO_FAULTS, resumed = this.paused;
    this.paused = null;
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
          if (at >= size) return this.foundEnd(true, size, fields, breaks, faults, this.line + breaksBefore);
          if (at + 1 >= size || data[at + 1] !== QUOTE) break;
          quoted = DOUBLED;
          at++;
        }
        textEnd = at++;
        if (!this.endsField(data, at, final)) faults = [...faults, this.line + breaks];
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
    this.paused = { ...left, at: left.at - start, field: left.field - start, textEnd, begun };
    return this.foundEnd(false, start, left.fields, left.breaks, left.faults, null);
  }

  // The one answer of `record`, filled in anew: a file has many records.
  foundEnd(whole, end, fields, breaks, faults, opened) {
    const found = this.found;
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

  takeHeader(record) {
    const names = splitFields(record, this.delimiter);
    this.columnCount = names.length;
    this.blankHeader = record.length === 0;
    this.header = names.map((name) => textOf(name, 0, name.length));
    this.going = names.length <= MAX_COLUMNS;
    this.headerCounts = this.otherCounts(record);
    const { text_columns: asText, day_first_columns: dayFirst } = this.reading;
    this.columns = this.header.map((name) => {
      const stored = name.toLowerCase();
      const how = { asText: isIn(asText, stored), dayFirst: isIn(dayFirst, stored) };
      return new TextColumn({ ...how, words: this.words, wordsFirst: this.wordsFirst });
    });
  }

  takeSecond(record) {
    if (record.length) this.secondCounts = this.otherCounts(record);
  }

  // How many fields other delimiters make of a record; asked of files of one column.
  otherCounts(record) {
    if (this.header.length !== 1) return null;
    const others = Object.entries(DELIMITERS).filter(([, mark]) => mark !== this.delimiter);
    return Object.fromEntries(others.map(([word, mark]) => [word, splitFields(record, mark).length]));
  }

  takeRow(data, fields, closed) {
    const expected = this.header.length;
    if (fields === 0 && expected > 1) return this.blankEnd.add(this.line);
    if (this.blankEnd.total) {
      for (const line of this.blankEnd.lines) this.addRagged(line, 0);
      this.raggedTotal += this.blankEnd.total;
      this.blankEnd = new Lines();
    }
    this.rows++;
    const found = Math.max(fields, 1);
    if (found !== expected) {
      this.raggedTotal++;
      this.addRagged(this.line, found);
    } else if (closed) {
      this.takeFields(data);
    }
  }

  addRagged(line, found) {
    if (this.ragged.length < MAX_LISTED) this.ragged.push({ line, found });
  }

  takeFields(data) {
    const { columns, spans, line } = this;
    const texts = this.firstRows.length < FIRST_ROWS ? [] : null;
    for (let column = 0, at = 0; column < columns.length; column++, at += 3) {
      let from = data, start = spans[at], end = spans[at + 1];
      if (spans[at + 2] === DOUBLED) {
        end = this.undouble(data, start, end);
        from = this.scratch;
        start = 0;
      }
      texts?.push(shownOf(from, start, end));
      columns[column].take(from, start, end, spans[at + 2] !== 0, line);
    }
    if (texts) this.firstRows.push({ line, texts });
  }

  // The text with single quotes for doubled ones, in `scratch`; its length.
  undouble(data, start, end) {
    if (end - start > this.scratch.length) this.scratch = new Uint8Array(2 * (end - start));
    let length = 0;
    for (let at = start; at < end; at++) {
      this.scratch[length++] = data[at];
      if (data[at] === QUOTE) at++;
    }
    return length;
  }

  // What the server makes findings and types of.
  facts() {
    const many = this.columnCount > MAX_COLUMNS;
    return {
      format: "csv",
      encoding: this.encoding,
      stopped: !this.going,
      header: many ? null : this.header,
      column_count: this.columnCount ?? 0,
      blank_header: this.blankHeader === true,
      rows: this.rows,
      nul: seen(this.nul),
      after_quotes: seen(this.afterQuotes),
      ragged: this.raggedTotal ? { total: this.raggedTotal, rows: this.ragged } : null,
      blank_end: seen(this.blankEnd),
      unclosed_quote: this.unclosed,
      too_long: this.tooLong,
      header_splits: this.headerCounts,
      second_splits: this.secondCounts,
      columns: many ? [] : this.columns.map((column) => column.facts()),
    };
  }
}

const isIn = (names, stored) => names.some((name) => name.toLowerCase() === stored);

const QUOTED = 1, DOUBLED = 2;
const NO_FAULTS = [];

// A record's bytes without its line break.
function contentOf(data, start, end) {
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
