// The records of a JSON or JSON Lines file, and everything that is wrong with them: as include/conversion/json_check.py finds it.
import { BOM_LENGTH, invalidUtf8, startsWithBom, wideEncoding } from "./encoding.js";
import { Fault, JsonRecords } from "./json_record.js";
import { Structure } from "./json_structure.js";
import { charactersIn, isBlank } from "./json_text.js";
import { MAX_LISTED, seen } from "./lines.js";
import { Waiting } from "./waiting.js";

const RANGE_BYTES = 4 * 1024 ** 2;
const MAX_RECORD_BYTES = 128 * 1024 ** 2;
const MOST_STEPS = 1000;
const LF = 0x0a, OPEN_OBJECT = 0x7b, OPEN_ARRAY = 0x5b, CLOSE_ARRAY = 0x5d;

export class JsonReader {
  // `format`: json or jsonl; `terminator`: of its lines; `namedJson`: these JSON Lines are in a file called .json.
  constructor({ format, reading, terminator = LF, namedJson = false }) {
    Object.assign(this, { format, terminator, namedJson });
    this.going = true;
    this.several = false; // objects in a document of one
    this.waiting = new Waiting();
    this.records = new JsonRecords(reading);
    this.started = false;
    this.place = "before"; // in a document: before, array, after
    this.structure = new Structure();
    this.looked = 0; // bytes that wait and hold no line break
    this.offset = 0; // in the file, of the bytes that wait
    this.line = 1; // the physical line there
    this.inLine = 0; // characters before them in it
    this.blank = { total: 0, lines: [] };
    this.stoppedBy = {};
  }

  // One more block of the file.
  take(block) {
    for (let at = 0; at < block.length; at += RANGE_BYTES) this.piece(block.subarray(at, at + RANGE_BYTES), false);
  }

  end() {
    this.piece(new Uint8Array(0), true);
    this.waiting.clear();
  }

  piece(piece, final) {
    if (!this.going || !this.begin(this.waiting.and(piece), final)) return;
    this.records.range++;
    try {
      if (this.format === "jsonl") this.takeLines(this.waiting.bytes, final);
      else this.takeDocument(final);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.stopAt(fault);
    }
    if (this.going && !final && this.waiting.length > MAX_RECORD_BYTES) this.stop({ too_long: { line: this.line } });
  }

  // Whether there is enough to tell what this is, and it is worth reading.
  begin(data, final) {
    if (this.started) return true;
    if (data.length <= BOM_LENGTH && !final) return false;
    this.started = true;
    const encoding = wideEncoding(data);
    const marked = startsWithBom(data) ? BOM_LENGTH : 0;
    if (encoding) this.stop({ encoding });
    else if (data.length === marked) this.stop({ empty: true });
    this.offset = marked;
    if (this.going) this.waiting.past(marked);
    return this.going;
  }

  stop(found) {
    this.going = false;
    this.waiting.clear();
    this.stoppedBy = found;
  }

  stopAt({ at, reason }) {
    this.past(at);
    this.stop({ syntax: { line: this.line, character: this.inLine + 1, offset: this.offset, reason } });
  }

  // Goes past bytes that were dealt with.
  past(count) {
    const data = this.waiting.bytes.subarray(0, count);
    let last = -1;
    for (let at = data.indexOf(this.terminator); at >= 0; at = data.indexOf(this.terminator, at + 1)) {
      this.line++;
      last = at;
    }
    this.inLine = charactersIn(data, last + 1, count) + (last < 0 ? this.inLine : 0);
    this.offset += count;
    this.waiting.past(count);
  }

  isText(data) {
    const encoding = data.length ? invalidUtf8(data, this) : null;
    if (encoding) this.stop({ encoding });
    return !encoding;
  }

  takeLines(data, final) {
    const { terminator } = this;
    const last = data.subarray(this.looked).lastIndexOf(terminator);
    const end = final ? data.length : last < 0 ? 0 : this.looked + last + 1;
    this.looked = data.length - end;
    if (!end || !this.isText(data.subarray(0, end))) return;
    for (let at = 0, line = this.line; at < end; line++) {
      const found = data.indexOf(terminator, at);
      const after = found < 0 || found >= end ? end : found;
      if (firstNotBlank(data, at, after) === after) {
        if (++this.blank.total <= MAX_LISTED) this.blank.lines.push(line);
      } else {
        this.records.take(data, at, after, line);
      }
      at = after + 1;
    }
    this.past(end);
  }

  takeDocument(final) {
    if (this.place === "before" && this.structure.at === 0) {
      const data = this.waiting.bytes;
      this.past(firstNotBlank(data, 0, data.length));
      if (this.waiting.bytes[0] === OPEN_ARRAY) {
        this.past(1);
        this.place = "array";
      }
    }
    if (this.place === "before") this.takeObject(final);
    else if (this.place === "array") this.takeElements(final);
    else this.takeNothing();
  }

  // The one object there is; or whatever else, which is no record.
  takeObject(final) {
    const data = this.waiting.bytes;
    if (data[0] === OPEN_OBJECT) this.structure.feed(data, 0);
    const closed = this.structure.closed;
    if (closed < 0 && !final) return;
    const end = closed < 0 ? lastNotBlank(data, 0, data.length) : closed + 1;
    if (end === 0) return this.stop({ empty: true });
    const rest = firstNotBlank(data, end, data.length);
    if (rest === data.length && !final) return; // another may follow
    if (data[rest] === OPEN_OBJECT) {
      this.several = true;
      this.going = false;
      return;
    }
    if (!this.isText(data.subarray(0, end))) return;
    this.records.take(data, 0, end, this.line);
    this.place = "after";
    this.past(end);
    this.takeNothing();
  }

  takeElements(final) {
    const data = this.waiting.bytes, { structure, records } = this;
    structure.feed(data, -1);
    const { commas, closed } = structure;
    const carry = closed >= 0 ? closed + 1 : commas.length ? commas.at(-1) + 1 : 0;
    if (!this.isText(data.subarray(0, carry))) return;
    const stops = closed >= 0 ? [...commas, closed] : commas;
    let line = this.line, feed = stops.length ? data.indexOf(LF) : -1, begin = 0;
    for (const stop of stops) {
      const start = firstNotBlank(data, begin, stop);
      if (start === stop && closed >= 0 && stops.length === 1 && !records.rows) break; // an array without elements
      for (; feed >= 0 && feed < start; feed = data.indexOf(LF, feed + 1)) line++;
      records.take(data, start, lastNotBlank(data, start, stop), line);
      begin = stop + 1;
    }
    if (closed >= 0) {
      if (data[closed] !== CLOSE_ARRAY) throw new Fault(closed, "Expecting ',' delimiter or the end of the array");
      this.place = "after";
      this.past(closed + 1);
      return this.takeNothing();
    }
    this.past(carry);
    structure.past(carry);
    if (final) this.takeRest();
  }

  // The file ends within the array. The fault may be in the last element, or be the end itself.
  takeRest() {
    const data = this.waiting.bytes;
    const end = lastNotBlank(data, 0, data.length), start = firstNotBlank(data, 0, end);
    if (!this.isText(data.subarray(0, end))) return;
    let line = this.line;
    for (let at = data.indexOf(LF); at >= 0 && at < start; at = data.indexOf(LF, at + 1)) line++;
    if (start < end) this.records.take(data, start, end, line);
    throw new Fault(end, "The file ends before the array does");
  }

  // Only blank space may follow the document.
  takeNothing() {
    const data = this.waiting.bytes;
    const rest = firstNotBlank(data, 0, data.length);
    if (rest < data.length) throw new Fault(rest, "Extra data");
    this.past(rest);
  }

  // What the server makes findings and types of.
  facts() {
    const { records, stoppedBy } = this;
    const { duplicates } = records;
    const columns = records.named;
    const facts = {
      format: this.format,
      named_json: this.namedJson,
      rows: records.rows,
      ...stoppedBy,
      refused_keys: [...records.refused.values()],
      duplicates: duplicates.total ? { ...seen(duplicates), key: records.duplicateKey } : null,
      not_objects: seen(records.notObjects),
      blank_lines: seen(this.blank),
      column_count: columns.length,
      columns: [],
    };
    const isGood = this.going && !records.refused.size && !duplicates.total && !records.notObjects.total;
    if (isGood) facts.columns = columns.map((column) => ({ name: column.name, ...cutShort(column.facts()) }));
    return facts;
  }

  // What stays in the browser.
  kept() {
    const columns = this.records.named;
    return {
      names: columns.map(({ name }) => name),
      values: columns.map((column) => column.values()),
      firstRows: this.records.firstRows.map(({ line, texts }) => ({ line, texts: columns.map((column) => texts.get(column) ?? "") })),
      dayFirst: [],
    };
  }
}

const cutShort = (facts) => ({ ...facts, steps: facts.steps.slice(0, MOST_STEPS) });

function firstNotBlank(data, start, end) {
  while (start < end && isBlank(data[start])) start++;
  return start;
}

function lastNotBlank(data, start, end) {
  while (end > start && isBlank(data[end - 1])) end--;
  return end;
}
