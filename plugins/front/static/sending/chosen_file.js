// What is wrong with a chosen file by its name and size alone, in the words of the server, which decides in any case.

const TEXTS = ["csv", "json", "jsonl"];

// null when nothing is.
export function problemOf(file, { formats, maxBytes, maxWords }) {
  if (!file) return "Select a file";
  if (!isTaken(file.name, formats.split(" "))) {
    const refusals = new Map(Object.entries(JSON.parse(document.getElementById("upload-errors").dataset.formatRefusals)));
    return refusals.get(formatOf(file.name)) ?? refusals.get("");
  }
  if (file.size > Number(maxBytes)) return `The selected file must be ${maxWords} or smaller.`;
  return null;
}

function isTaken(name, formats) {
  const format = formatOf(name);
  if (format !== "gz" || !formats.includes("gz")) return formats.includes(format);
  const inner = formatOf(name.slice(0, -".gz".length));
  return TEXTS.includes(inner) && formats.includes(inner);
}

// The name's ending without its dot; a name that is nothing but an ending tells no format.
function formatOf(name) {
  const ending = /[^]\.([^.]*)$/.exec(name)?.[1].toLowerCase() ?? "";
  return ending === "ndjson" ? "jsonl" : ending;
}

// null when it may be the file that was begun; its content is compared part by part later.
export function problemOfSame(file, { filename, size }, inWords) {
  if (!file) return `Select ${filename}`;
  if (file.size === size) return null;
  return `The selected file is not the one that was begun: it has ${inWords(file.size)} (${file.size.toLocaleString("en")} bytes), and ${filename} has ${inWords(size)} (${size.toLocaleString("en")} bytes)`;
}
