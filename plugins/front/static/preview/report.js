// What the check of a file found, as parts of the page: findings, changes of the table, types, first rows.
import { button, element, paragraph, scrollingTable } from "./elements.js";
import { inWords } from "./types.js";

const MOST_COLUMNS = 50; // of first rows and types; nobody looks at more
const LONGEST = 100; // characters of a value
const TOLD_AS_CHANGES = ["adds_columns", "widens_columns"];
const WORDS = { error: "Error", warning: "Warning", info: "Note" };

const cut = (text) => ([...text].length > LONGEST ? `${[...text].slice(0, LONGEST).join("")}…` : text);
const number = (count) => count.toLocaleString("en-GB");
export const counted = (count, thing) => `${number(count)} ${thing}${count === 1 ? "" : "s"}`;

export function heading(text) {
  return element("h2", { class: "govuk-heading-m", id: "preview-heading", tabindex: "-1", text });
}

const helpLink = ({ code, title }, help) => element("a", { class: "govuk-link", href: `${help}#${code}`, target: "_blank",
  rel: "noopener", text: "Help with this (opens in a new tab)",
  children: [element("span", { class: "govuk-visually-hidden", text: `: ${title}` })] });
const valuesPart = (examples) => examples.flatMap((text) => [element("code", { class: "app-value", text: cut(text) }), " "]);

function findingPart(finding, help) {
  const examples = finding.examples.filter(Boolean);
  return element("div", { class: `app-finding app-finding--${finding.severity}`, children: [
    element("h3", { class: "govuk-heading-s", text: `${WORDS[finding.severity]}: ${finding.title}` }),
    paragraph(finding.message, { class: "govuk-body app-break" }),
    ...(finding.lines.length ? [paragraph(`Lines: ${finding.lines.map(number).join(", ")}`)] : []),
    ...(examples.length ? [element("p", { class: "govuk-body", children: ["Values: ", ...valuesPart(examples)] })] : []),
    element("p", { class: "govuk-body-s", children: [helpLink(finding, help)] }),
  ] });
}

// Errors first; each with how to mend it, which the message says. What changes the table is told by `changesPart`.
export function findingParts(findings, help) {
  const order = ["error", "warning", "info"];
  return findings.filter(({ code }) => !TOLD_AS_CHANGES.includes(code)).sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity))
    .map((finding) => findingPart(finding, help));
}

// One column that becomes wider, and the first value that is why.
function widenedPart({ name, was, becomes }, findings, help) {
  const finding = findings.find(({ code, column }) => code === "widens_columns" && column === name);
  const said = was === "null"
    ? `Column ${name} has no values in the table yet. It becomes ${inWords(becomes)}.`
    : `Column ${name} changes from ${inWords(was)} to ${inWords(becomes)}, for all rows of the table.`;
  if (!finding) return element("li", { text: said });
  const { details, examples, lines } = finding;
  const within = details.path ? ` at ${details.path}` : "";
  const why = lines.length && was !== "null" ? ` The first value that needs it is in line ${number(lines[0])}${within}` : "";
  const value = why && examples.some(Boolean) ? [": ", ...valuesPart(examples)] : why ? [". "] : [" "];
  return element("li", { children: [`${said}${why}`, ...value, helpLink(finding, help)] });
}

export function changesPart({ changes, columns, findings }, table, help) {
  if (changes.new_table) {
    return [paragraph(`The table ${table} is new. It will have ${counted(columns.length, "column")}.`, { class: "govuk-body app-break" })];
  }
  const said = [];
  const listed = (names) => names.slice(0, 20).join(", ") + (names.length > 20 ? ` and ${number(names.length - 20)} more` : "");
  if (changes.added.length) said.push(`New columns: ${listed(changes.added.map(({ name, type }) => `${name}: ${inWords(type)}`))}. They are empty in what is there already.`);
  if (changes.missing.length) said.push(`Columns that the file does not have: ${listed(changes.missing)}. They will be empty in its rows.`);
  if (changes.unlike) said.unshift("The columns are unlike those of the table. Check that this is the right table.");
  const items = [...said.map((text) => element("li", { text })), ...changes.widened.map((each) => widenedPart(each, findings, help))];
  return [
    element("h3", { class: "govuk-heading-s", text: "What will change in the table" }),
    items.length
      ? element("ul", { class: "govuk-list govuk-list--bullet app-break", children: items })
      : paragraph("Nothing but the rows that are added: its columns stay as they are."),
  ];
}

// A file that looks as if it belonged elsewhere: whose table it is, who added to it last, and how the columns differ.
export function questionPart(asked, email) {
  if (!asked) return [];
  const who = (person) => (person === email ? "you" : person);
  const day = (moment) => new Date(moment).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/London" });
  const list = (texts) => element("ul", { class: "govuk-list govuk-list--bullet", children: texts.map((text) => element("li", { text })) });
  const names = (listed) => listed.slice(0, 20).join(", ") + (listed.length > 20 ? ` and ${number(listed.length - 20)} more` : "");
  const { differences, last_uploads: last } = asked;
  const differ = differences ? [
    ...(differences.new.length ? [`Only in the file: ${names(differences.new)}`] : []),
    ...(differences.missing.length ? [`Only in the table: ${names(differences.missing)}`] : []),
    differences.shared.length ? `In both: ${names(differences.shared)}` : "No column is in both",
  ] : [];
  return [element("div", { class: "govuk-inset-text app-question app-break", children: [
    element("h3", { class: "govuk-heading-m", text: "Do the columns of this file belong in this table?" }),
    paragraph(`Table: ${asked.database}.${asked.table}. Owner: ${who(asked.owner)}.`),
    list(differ),
    ...(last.length ? [element("h4", { class: "govuk-heading-s", text: "Last uploads" }),
      list(last.map(({ uploader, published_at: at }) => `${day(at)}, by ${who(uploader)}`))] : []),
  ] })];
}

// The boxes that must all be ticked first: for a file that looks as if it belonged elsewhere, and before a column of the
// table becomes wider. The first is announced too: the service asks it of every file that comes by another way.
export function confirmations(changes, table, onChange) {
  const asked = [];
  if (changes.unlike) {
    const attributes = { id: "preview-unlike", name: "confirm", "data-announced": "boolean" };
    asked.push([attributes, `This file belongs in the table ${table}, although its columns are unlike the table’s`]);
  }
  if (changes.widened.length) {
    const names = changes.widened.map(({ name }) => name);
    const what = names.length === 1 ? `column ${names[0]}` : counted(names.length, "column");
    asked.push([{ id: "preview-widens" }, `I want ${what} of the table to change its type, for everybody who reads the table`]);
  }
  if (!asked.length) return null;
  const boxes = asked.map(([attributes]) => element("input", { class: "govuk-checkboxes__input", type: "checkbox", ...attributes }));
  for (const box of boxes) box.addEventListener("change", () => onChange(boxes.every(({ checked }) => checked)));
  const items = asked.map(([{ id }, text], at) => element("div", { class: "govuk-checkboxes__item", children: [boxes[at],
    element("label", { class: "govuk-label govuk-checkboxes__label", for: id, text })] }));
  const legend = element("legend", { class: "govuk-fieldset__legend govuk-fieldset__legend--s", text: "Before you can upload the file" });
  return element("fieldset", { class: "govuk-fieldset govuk-form-group", children: [legend,
    element("div", { class: "govuk-checkboxes", children: items })] });
}

export function typesPart({ columns }, { mayChoose, asText }) {
  const shown = columns.slice(0, MOST_COLUMNS);
  const rows = shown.map(({ name, type, was }) => {
    const row = [name, inWords(type), was === null ? "new" : inWords(was)];
    const offered = mayChoose && type !== "string" && type !== "null";
    return mayChoose ? [...row, offered ? button("Treat as text", () => asText(name), { label: name }) : ""] : row;
  });
  const head = ["Column", "Type", "In the table now", ...(mayChoose ? ["Read otherwise"] : [])];
  return [scrollingTable("Types of the columns", head, rows, { wraps: true }),
    ...(columns.length > MOST_COLUMNS ? [paragraph(`The first ${MOST_COLUMNS} of ${number(columns.length)} columns are shown.`)] : [])];
}

export function firstRowsPart({ names, firstRows }) {
  if (!firstRows.length) return [];
  const rows = firstRows.map(({ line, texts }) => [number(line), ...texts.slice(0, MOST_COLUMNS).map(cut)]);
  return [scrollingTable("First rows", ["Line", ...names.slice(0, MOST_COLUMNS)], rows)];
}

// Reading options that suit the file, one click each.
export function offers({ gathered, answer, mayChoose, choose }) {
  const made = [];
  for (const { code, details } of answer.findings) {
    const delimiter = code === "wrong_delimiter" && details.reading_options.delimiter;
    if (delimiter) made.push([`Fields are separated by ${delimiter}s.`, `Read with ${delimiter}s`, () => choose.delimiter(delimiter)]);
  }
  gathered.dayFirst.forEach((offer, at) => {
    const name = gathered.names[at];
    if (!offer || !answer.accepted) return;
    const doubt = offer.sure ? "" : " No day is after the 12th, so it could be the month that comes first: make sure before you choose.";
    made.push([`Every value of column ${name} can be a date with the day first, such as ${offer.example}.${doubt}`,
      `Read ${name} as dates`, () => choose.dayFirst(name)]);
  });
  return made.map(([text, label, onClick]) => element("div", { class: "govuk-inset-text", children: mayChoose
    ? [paragraph(text), button(label, onClick)]
    : [paragraph(`${text} Only the owner of the table can choose to read it so.`)] }));
}
