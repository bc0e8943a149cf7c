// What the records of a CSV file show, and everything that is wrong with them: as include/conversion/csv_check.py finds it.
import { contentOf, DELIMITERS, DOUBLED, QUOTE, RecordScan, splitFields } from "./csv_records.js";
import { BOM_LENGTH, invalidUtf8, lineBreaks, startsWithBom, wideEncoding } from "./encoding.js";
import { Lines, MAX_LISTED, seen } from "./lines.js";
import { TextColumn, shownOf, textOf } from "./text_column.js";
import { Words } from "./value_kinds.js";
import { Waiting } from "./waiting.js";

export const BLOCK_BYTES = 8 * 1024 ** 2;
const MAX_RECORD_BYTES = 128 * 1024 ** 2;
const MAX_COLUMNS = 10_000;
const FIRST_ROWS = 10;
const USUAL_WORDS = new Set(["NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"]);

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
    this.scan = new RecordScan(this.delimiter, terminator);
    this.scratch = new Uint8Array(256);
    this.waiting = new Waiting();
  }

  // One more block of the file.
  take(block) {
    if (!this.going) return;
    this.waiting.past(this.feed(this.waiting.and(block), false));
    if (this.going && this.waiting.length > MAX_RECORD_BYTES) {
      const { opened } = this.scan.record(this.waiting.bytes, 0, true, this.line);
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
      const found = this.scan.record(data, start, final, this.line);
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
    const { columns, line } = this;
    const { spans } = this.scan;
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
