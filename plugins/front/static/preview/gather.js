// The facts of a file: from its bytes in blocks, which may be read twice and are never held together.
import { CsvReader, TerminatorSearch } from "./csv.js";

// `open()` yields the file's blocks from its start. `onBytes` hears how many were looked at after each.
// Answers `facts`, which the server makes findings of, and what stays here: `values`, `firstRows`, `offers`.
export async function gatherFacts(open, { format, reading, onBytes = () => {} }) {
  return gatherCsv(open, reading, onBytes);
}

async function gatherCsv(open, reading, onBytes) {
  const search = new TerminatorSearch(reading.delimiter);
  for await (const block of open()) if (search.feed(block)) break;
  const reader = new CsvReader(reading, search.terminator);
  let bytes = 0;
  for await (const block of open()) {
    reader.take(block);
    bytes += block.length;
    onBytes(bytes);
    if (!reader.going) break;
  }
  reader.end();
  return {
    facts: reader.facts(),
    values: reader.columns.map((column) => column.values()),
    names: reader.header ?? [],
    firstRows: reader.firstRows,
    dayFirst: reader.columns.map((column) => column.dayFirstOffer),
  };
}
