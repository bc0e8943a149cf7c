// What is wrong with a chosen file by its name and size alone, in the words of the server, which decides in any case.

// null when nothing is.
export function problemOf(file, { formats, formatWords, maxBytes, maxWords }) {
  if (!file) return "Select a file";
  const taken = formats.split(" ");
  const [format, inner] = file.name.toLowerCase().replaceAll("ndjson", "jsonl").split(".").slice(1).reverse();
  const texts = ["csv", "json", "jsonl"].filter((text) => taken.includes(text));
  if (!taken.includes(format) || (format === "gz" && !texts.includes(inner))) {
    const old = ["xls", "xlsm", "xlsb", "ods"].includes(format) && taken.includes("xlsx");
    const unnamed = format === "gz" && taken.includes("gz");
    return `The selected file must be a ${formatWords}.${
      old ? " Save this one as an Excel workbook (.xlsx) or as CSV." : ""
    }${unnamed ? " Name a compressed text like data.csv.gz, so that the name says what is inside." : ""}`;
  }
  if (file.size > Number(maxBytes)) return `The selected file must be ${maxWords} or smaller.`;
  return null;
}

// null when it may be the file that was begun; its content is compared part by part later.
export function problemOfSame(file, { filename, size }, inWords) {
  if (!file) return `Select ${filename}`;
  if (file.size === size) return null;
  return `The selected file is not the one that was begun: it has ${inWords(file.size)} (${file.size.toLocaleString("en")} bytes), and ${filename} has ${inWords(size)} (${size.toLocaleString("en")} bytes)`;
}
