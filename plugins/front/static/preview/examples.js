// The values that findings quote: they never left the browser, and are put to what the server says here.

const LONGEST = 200; // characters

const cut = (text) => {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST).join("")}…`;
};

// Findings with their examples. `names` and `values` are of the columns, as they were gathered.
export function withExamples(findings, { names, values }) {
  const byName = new Map(names.map((name, at) => [name.toLowerCase(), values[at]]));
  return findings.map((finding) => {
    const known = byName.get(finding.column ?? "");
    const examples = known && examplesOf(finding, known);
    return examples ? { ...finding, examples } : finding;
  });
}

function examplesOf({ code, lines }, known) {
  if (code === "widens_columns") return lines.map((line) => known.by_line[line]).filter((text) => text !== undefined).map(cut);
  return { scientific_numbers: known.scientific_numbers, fine_timestamps: known.fine_timestamps }[code];
}
