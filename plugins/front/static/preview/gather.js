// The facts of a file: from its bytes in blocks, which may be read twice and are never held together.
import { CsvReader } from "./csv.js";
import { TerminatorSearch } from "./csv_records.js";
import { JsonReader } from "./json.js";

// `open()` yields the file's blocks from its start. `onBytes` hears how many were looked at after each.
// Answers `facts`, which the server makes findings of, and what stays here: `values`, `firstRows`, `offers`.
export async function gatherFacts(open, { format, reading, onBytes = () => {} }) {
  if (format === "json") return gatherJson(open, reading, onBytes);
  const terminator = await terminatorOf(open, reading.delimiter);
  if (format === "jsonl") return gatherLines(open, { reading, terminator, namedJson: false, onBytes });
  return gatherCsv(open, { reading, terminator, onBytes });
}

async function terminatorOf(open, delimiter) {
  const search = new TerminatorSearch(delimiter);
  for await (const block of open()) if (search.feed(block)) break;
  return search.terminator;
}

// All blocks through a reader.
async function readThrough(open, reader, onBytes) {
  let bytes = 0;
  for await (const block of open()) {
    reader.take(block);
    bytes += block.length;
    onBytes(bytes);
    if (!reader.going) break;
  }
  reader.end();
}

// An array or one object; or, where a second object follows the first, JSON Lines.
async function gatherJson(open, reading, onBytes) {
  const reader = new JsonReader({ format: "json", reading });
  await readThrough(open, reader, onBytes);
  if (!reader.several) return { facts: reader.facts(), ...reader.kept() };
  return gatherLines(open, { reading, terminator: await terminatorOf(open, "comma"), namedJson: true, onBytes });
}

async function gatherLines(open, { reading, terminator, namedJson, onBytes }) {
  const reader = new JsonReader({ format: "jsonl", reading, terminator, namedJson });
  await readThrough(open, reader, onBytes);
  return { facts: reader.facts(), ...reader.kept() };
}

async function gatherCsv(open, { reading, terminator, onBytes }) {
  const reader = new CsvReader(reading, terminator);
  await readThrough(open, reader, onBytes);
  return {
    facts: reader.facts(),
    values: reader.columns.map((column) => column.values()),
    names: reader.header ?? [],
    firstRows: reader.firstRows,
    dayFirst: reader.columns.map((column) => column.dayFirstOffer),
  };
}
