// What the fields of one column of a CSV file show: the evidence that include/domain/evidence.py joins and decides by.
import { MAX_LISTED, seen } from "./lines.js";
import {
  BOOLEAN, DATE, KIND_NAMES, NULL_WORD, QUOTED_EMPTY, SCIENTIFIC, TEXT, TIMESTAMP, TIMESTAMP_ZONED,
  asciiText, instantKind, isBoolean, isDayFirst, isYearFirst, last, numberKind, survives,
} from "./value_kinds.js";

const DECIMAL_DIGITS = 38;
const MINUS = 0x2d, ZERO = 0x30, NINE = 0x39;
const FIRST_VALUE = BOOLEAN;
const DAY_FIRST_TYPES = [1 << DATE, 1 << TIMESTAMP, (1 << DATE) | (1 << TIMESTAMP), 1 << TIMESTAMP_ZONED];

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const MOST_SHOWN = 4 * 201; // bytes of a value that is shown: more than 200 characters, where findings cut it
export const textOf = (data, start, end) => decoder.decode(data.subarray(start, end));
export const shownOf = (data, start, end) => textOf(data, start, Math.min(end, start + MOST_SHOWN));

// How often something was seen, with the lines and the distinct texts of the first.
class Seen {
  constructor() {
    this.total = 0;
    this.lines = [];
    this.texts = new Set();
  }

  count(line) {
    this.total++;
    if (this.lines.length < MAX_LISTED) this.lines.push(line);
  }

  // A number or an instant, whose text is ASCII.
  add(data, start, end, line) {
    this.count(line);
    if (this.texts.size < MAX_LISTED) this.texts.add(asciiText(data, start, end));
  }
}

export class TextColumn {
  // `words` is a Words; `wordsFirst` says that some of them could be read as a value too.
  constructor({ asText, dayFirst, words, wordsFirst }) {
    Object.assign(this, { asText, dayFirst, words, wordsFirst });
    this.seen = 0; // a bit for each kind
    this.integerDigits = 0;
    this.places = 0;
    this.negativeZero = false;
    this.dies = false; // some number is not the same as a double
    this.steps = []; // each value with which the evidence grew: { evidence, line, text }
    this.nullWords = new Seen();
    this.scientific = new Seen();
    this.fine = new Seen();
    this.wholly = !asText && !dayFirst; // every value so far is a date with the day first
    this.dayFirstSeen = 0;
    this.sure = false; // one of these days is after the 12th of its month
  }

  // One field. `quoted` tells a quoted empty field from an empty one.
  take(data, start, end, quoted, line) {
    if (start === end) {
      if (!quoted) return;
      if (this.asText) this.show(TEXT, data, start, end, line);
      else this.seen |= 1 << QUOTED_EMPTY;
    } else if (this.asText) {
      this.show(TEXT, data, start, end, line);
    } else if (this.seen & (1 << TEXT)) {
      if (end - start <= this.words.longest && this.words.find(data, start, end) !== null) this.seen |= 1 << NULL_WORD;
      else if (this.wholly) this.lookForDayFirst(data, start, end);
    } else {
      this.takeValue(data, start, end, line);
    }
  }

  takeValue(data, start, end, line) {
    if (this.wordsFirst && this.takeWord(data, start, end, line)) return;
    const kind = this.kindOf(data, start, end);
    if (kind === TEXT && this.takeWord(data, start, end, line)) return;
    if (this.wholly) this.lookForDayFirst(data, start, end);
    if (kind > BOOLEAN && kind < DATE) {
      this.takeNumber(kind, data, start, end, line);
    } else {
      if (kind > DATE && kind < TEXT && last.fine) this.fine.add(data, start, end, line);
      this.show(kind, data, start, end, line);
    }
  }

  kindOf(data, start, end) {
    const first = data[start];
    if (this.dayFirst) {
      if (isDayFirst(data, start, end)) return instantKind(data, start, end, true);
      return isYearFirst(data, start, end) ? instantKind(data, start, end, false) : TEXT;
    }
    if (first === MINUS || (first >= ZERO && first <= NINE)) {
      return isYearFirst(data, start, end) ? instantKind(data, start, end, false) : numberKind(data, start, end);
    }
    return isBoolean(data, start, end) ? BOOLEAN : TEXT;
  }

  takeWord(data, start, end, line) {
    const word = this.words.find(data, start, end);
    if (word === null) return false;
    this.seen |= 1 << NULL_WORD;
    this.nullWords.count(line);
    if (this.nullWords.texts.size < MAX_LISTED) this.nullWords.texts.add(word);
    return true;
  }

  takeNumber(kind, data, start, end, line) {
    if (kind === SCIENTIFIC) this.scientific.add(data, start, end, line);
    this.grow(kind, data, start, end, line);
  }

  // By the number that `numberKind` looked at last.
  grow(kind, data, start, end, line) {
    let grown = false;
    if (last.integerDigits > this.integerDigits) {
      this.integerDigits = last.integerDigits;
      grown = true;
    }
    if (last.places > this.places) {
      grown ||= this.places <= DECIMAL_DIGITS; // more than a decimal has change nothing any more
      this.places = last.places;
    }
    if (last.negativeZero && !this.negativeZero) grown = this.negativeZero = true;
    if (!this.dies && !survives(kind, data, start, end)) grown = this.dies = true;
    this.show(kind, data, start, end, line, grown);
  }

  show(kind, data, start, end, line, grown = false) {
    if (this.seen & (1 << kind) && !grown) return;
    this.seen |= 1 << kind;
    this.steps.push({ evidence: this.evidence(), line, text: shownOf(data, start, end) });
  }

  lookForDayFirst(data, start, end) {
    const kind = isDayFirst(data, start, end) ? instantKind(data, start, end, true) : TEXT;
    this.wholly = kind !== TEXT;
    this.dayFirstSeen |= 1 << kind;
    this.sure ||= asciiText(data, start, start + 2) > "12";
  }

  // Whether all values would be dates if they were read with the day first, and the first of them.
  get dayFirstOffer() {
    if (!this.wholly || !DAY_FIRST_TYPES.includes(this.dayFirstSeen)) return null;
    return { example: this.steps[0].text, sure: this.sure };
  }

  // As `Evidence.from_json` reads it.
  evidence() {
    const evidence = { kinds: [] };
    for (let kind = FIRST_VALUE; kind <= TEXT; kind++) if (this.seen & (1 << kind)) evidence.kinds.push(KIND_NAMES[kind]);
    if (this.integerDigits) evidence.integer_digits = this.integerDigits;
    if (this.places) evidence.decimal_places = this.places;
    if (this.negativeZero) evidence.negative_zero = true;
    if (this.dies) evidence.survives = false;
    if (this.seen & (1 << NULL_WORD)) evidence.null_words = true;
    if (this.seen & (1 << QUOTED_EMPTY)) evidence.quoted_empties = true;
    return evidence;
  }

  // What the server may know: lines and counts, and of the texts nothing but the words for missing values.
  facts() {
    return {
      evidence: this.evidence(),
      steps: this.steps.map(({ evidence, line }) => ({ evidence, line })),
      null_words: this.nullWords.total ? { ...seen(this.nullWords), words: [...this.nullWords.texts] } : null,
      scientific: seen(this.scientific),
      fine_timestamps: seen(this.fine),
    };
  }

  // What stays in the browser: the values that findings quote.
  values() {
    return {
      by_line: Object.fromEntries(this.steps.map(({ line, text }) => [line, text])),
      scientific_numbers: [...this.scientific.texts],
      fine_timestamps: [...this.fine.texts],
    };
  }
}
