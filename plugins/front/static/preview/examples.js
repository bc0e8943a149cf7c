// The values that findings quote: they never left the browser, and are put to what the server says here.

const LONGEST = 200; // characters

const cut = (text) => {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST).join("")}…`;
};

// Findings with their examples. `names` and `values` are of the columns, as they were gathered; `widened` is what the server
// says of the columns that become wider.
export function withExamples(findings, { names, values }, widened) {
  const byName = new Map(names.map((name, at) => [name.toLowerCase(), values[at]]));
  return findings.map((finding) => {
    const known = byName.get(finding.column ?? "");
    const change = widened.find(({ name }) => name === finding.column);
    const examples = known && examplesOf(finding, known, change);
    return examples ? { ...finding, examples } : finding;
  });
}

function examplesOf({ code, lines }, known, change) {
  if (code !== "widens_columns") return { scientific_numbers: known.scientific_numbers, fine_timestamps: known.fine_timestamps }[code];
  const texts = known.steps ? [known.steps[change?.step]?.[change.depth]] : lines.map((line) => known.by_line[line]);
  return texts.filter((text) => text !== undefined && text !== null).map(cut);
}
