// Step 4: checks the chosen file in a worker and shows what was found, before Upload can be pressed.
import { readingInput, readingOptionsOf } from "../reading_options.js";
import { problemOf } from "../sending/chosen_file.js";
import { Api, Problem } from "../sending/api.js";
import { FormErrors } from "../sending/form_errors.js";
import { Gate, REASON } from "../sending/gate.js";
import { Session } from "../sending/session.js";
import { button, element, paragraph } from "./elements.js";
import { withExamples } from "./examples.js";
import {
  changesPart, confirmations, counted, findingParts, firstRowsPart, heading, offers, questionPart, typesPart,
} from "./report.js";

const LARGE = 1024 ** 3;
const MOST_SENT = 2.5 * 1024 ** 2; // bytes of facts
const SKIPPED_AFTER = 20_000; // milliseconds
const REFUSALS = [403, 404, 409, 422];
const SAID_EVERY = 5_000; // milliseconds, of progress to screen readers

const form = document.getElementById("upload-form");
const input = document.getElementById("file");
const upload = document.getElementById("upload-button");
const place = document.getElementById("preview");
const said = document.getElementById("preview-said");
const given = form.dataset;
const usual = JSON.parse(place.dataset.reading);
const mayChoose = place.dataset.mayChoose === "yes";

const errors = new FormErrors(form, {
  summary: document.getElementById("upload-errors"),
  notice: document.getElementById("upload-notice"),
  input,
});

const gate = new Gate();
const session = new Session({ email: given.email, csrf: given.csrf, url: given.session, gate });
const api = new Api(given.api, { session, gate });
gate.addEventListener("change", tellWhatIsWaitedFor);

let checked = null; // the file that was chosen when the last check began
let running = null; // { worker, controller, held, skipping } of the check under way
let readWith = null; // the options of the last check, as text
let taken = []; // what offers changed in the form for the present file, before and after: [field, value, value]

input.addEventListener("change", () => {
  for (const [field, before, after] of taken.reverse()) restore(field, before, after);
  taken = [];
  check();
});
document.getElementById("reading-options")?.addEventListener("change", () => {
  // A field tells of a change when it is left, be it by a click on Upload after a check with what was typed.
  if (input.files[0] && JSON.stringify(readingOptionsOf(form)) !== readWith) check();
});

// The format that a name tells, as far as files of it are read here: { format, zipped }, or null.
function formatOf(name) {
  const [last, before] = name.toLowerCase().split(".").slice(1).reverse();
  const [ending, zipped] = last === "gz" ? [before, true] : [last, false];
  const format = { csv: "csv", json: "json", jsonl: "jsonl", ndjson: "jsonl" }[ending];
  return format ? { format, zipped } : null;
}

function stop() {
  running?.worker.terminate();
  running?.controller.abort();
  running = null;
}

function show(...parts) {
  const had = place.contains(document.activeElement); // the focus stays with what has come into its place
  place.replaceChildren(...parts);
  place.hidden = parts.length === 0;
  if (had) document.getElementById("preview-heading")?.focus({ preventScroll: true });
}

const allow = (allowed) => {
  upload.disabled = !allowed;
};

const say = (text) => {
  said.textContent = text;
};

// Whether the file was looked at, or somebody chose not to; looks at it now if not. A browser may put a file back into the
// form without telling of it.
export function isChecked(file) {
  if (!file || file === checked) return true;
  check();
  return false;
}

function check() {
  stop();
  say("");
  allow(true);
  errors.clear();
  const file = input.files[0];
  checked = file ?? null;
  if (!file) return show();
  readWith = JSON.stringify(readingOptionsOf(form));
  const wrong = problemOf(file, given);
  if (wrong) {
    show();
    return errors.show(wrong);
  }
  const known = formatOf(file.name);
  if (!known) return leaveToServer("Files of this format are checked after the upload. Types are worked out then, too.");
  start(file, known);
}

function leaveToServer(text) {
  show(heading("Check of the file"), paragraph(text));
  say(text);
  allow(true);
}

function start(file, { format, zipped }) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const skipping = button("Upload without checking here", () => skip());
  const mine = { worker, controller: new AbortController(), held: element("div", { role: "status" }), skipping };
  running = mine;
  allow(false);
  const bar = element("progress", { class: "app-progress", max: "100", value: "0", "aria-label": "Check of the file" });
  const large = file.size > LARGE ? "This is a large file, and reading it takes a while. " : "";
  skipping.hidden = file.size <= LARGE;
  setTimeout(() => {
    skipping.hidden = false; // also of a smaller file, where reading is slow
  }, SKIPPED_AFTER);
  show(heading("Checking the file"), bar,
    paragraph(`${large}The file is read in your browser. Nothing is uploaded yet.`), mine.held, skipping);
  say("Checking the file");
  let saidAt = performance.now();
  const reading = readingOptionsOf(form) ?? usual;
  worker.onmessage = async ({ data: { bytes, gathered, failed } }) => {
    if (running !== mine) return;
    if (bytes !== undefined) {
      if (zipped) return bar.removeAttribute("value");
      bar.value = Math.floor((100 * bytes) / file.size);
      if (performance.now() - saidAt > SAID_EVERY) {
        saidAt = performance.now();
        say(`Checking the file: ${bar.value}%`);
      }
      return;
    }
    if (failed) return giveUp(zipped);
    await decide(mine, gathered, reading);
  };
  worker.onerror = () => running === mine && giveUp(zipped);
  worker.postMessage({ file, format, zipped, reading });
}

function giveUp(zipped) {
  stop();
  leaveToServer(zipped
    ? "The browser could not unpack this file. It is checked after the upload."
    : "The browser could not read this file. If you have changed it since you chose it, choose it again. Otherwise it is checked after the upload.");
}

function skip() {
  stop();
  leaveToServer("The file was not checked here. It is checked after the upload.");
  form.requestSubmit(upload);
}

async function decide(mine, gathered, reading) {
  const answer = await ask(gathered.facts, reading, mine.controller.signal);
  if (running !== mine) return;
  stop();
  if (answer.tooLarge) return leaveToServer("The file has too much in it for the check here. It is checked after the upload.");
  if (answer.field) {
    show(heading("Check of the file"), paragraph("The file was not checked: correct the reading options."));
    return errors.show(answer.problem, readingInput(answer.field));
  }
  if (!answer.findings) return unfinished(answer.refused);
  report({ ...answer, findings: withExamples(answer.findings, gathered, answer.changes.widened) }, gathered);
}

// The server's answer to the facts; nothing when it has none. Waits for the network and for a sign-in.
async function ask(facts, reading, signal) {
  const body = { facts, reading_options: reading };
  if (JSON.stringify(body).length > MOST_SENT) return { tooLarge: true };
  const path = `/databases/${encodeURIComponent(given.database)}/tables/${encodeURIComponent(given.table)}/preview`;
  try {
    return await api.call("POST", path, { body, signal });
  } catch (error) {
    if (!(error instanceof Problem)) return {};
    if (error.field?.startsWith("reading_options")) return { problem: error.message, field: error.field };
    return { refused: REFUSALS.includes(error.status) ? error.message : null };
  }
}

// A check that waits says for what, and can be left out.
function tellWhatIsWaitedFor() {
  if (!running) return;
  running.skipping.hidden = false;
  const signIn = element("a", { class: "govuk-link", href: given.signIn, target: "_blank", rel: "noopener", text: "Sign in again (opens in a new tab)" });
  const said = gate.isClosedFor(REASON.SIGNED_OUT)
    ? element("p", { class: "govuk-body", children: ["You have been signed out. ", signIn, ". The check then goes on here by itself."] })
    : gate.isClosedFor(REASON.OFFLINE)
      ? paragraph("The service does not answer. The check goes on by itself when it does.")
      : null;
  running.held.replaceChildren(...(said ? [said] : []));
}

// `refused`: why the file could not go into this table whatever is in it.
function unfinished(refused = null) {
  const text = "The check could not be finished here, so nothing is known yet of what would change in the table.";
  show(heading("Check of the file"), paragraph(text), button("Check again", () => check()), " ",
    button("Upload without checking here", () => skip()));
  say(text);
  if (refused) errors.show(refused);
}

function report(answer, gathered) {
  const { accepted, rows, changes, findings } = answer;
  const box = accepted ? confirmations(changes, given.table, allow) : null;
  const title = accepted ? "The file was checked" : "The file cannot be uploaded as it is";
  const choose = { delimiter: chooseDelimiter, dayFirst: (name) => addColumn("day_first_columns", name) };
  show(
    heading(title),
    paragraph(accepted
      ? `${counted(rows, "row")} and ${counted(gathered.names.length, "column")} were read.`
      : "Correct what is named here, save the file, and choose it again."),
    ...findingParts(findings, given.help),
    ...offers({ gathered, answer, mayChoose, choose }),
    ...(accepted ? changesPart(answer, given.table, given.help) : []),
    ...(accepted ? typesPart(answer, { mayChoose, asText: (name) => addColumn("text_columns", name) }) : []),
    ...firstRowsPart(gathered),
    ...questionPart(answer.confirm, given.email),
    ...(box ? [box] : []),
    ...(accepted ? [element("input", { type: "hidden", name: "columns", "data-announced": "json", value: JSON.stringify(gathered.names) })] : []),
  );
  allow(accepted && !box);
  const first = findings.find(({ severity }) => severity === "error");
  if (!accepted) errors.show(first ? `The selected file cannot be uploaded as it is: ${first.title}` : title);
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  say(`${title}. ${count}.${box ? " Confirm the change of the table to go on." : ""}`);
}

// One click sets the form's own options, which checks the file again.
function addColumn(id, name) {
  const field = document.getElementById(id);
  const other = document.getElementById(id === "text_columns" ? "day_first_columns" : "text_columns");
  const names = (from) => from.value.split(/[,\r\n]/).map((each) => each.trim()).filter(Boolean);
  const isOther = (each) => each.toLowerCase() !== name.toLowerCase();
  const before = [[field, field.value], [other, other.value]];
  other.value = names(other).filter(isOther).join(", ");
  field.value = [...names(field).filter(isOther), name].join(", ");
  taken.push(...before.map(([each, value]) => [each, value, each.value]));
  changed(field);
}

function chooseDelimiter(word) {
  const radio = form.querySelector(`[name=delimiter][value=${word}]`);
  taken.push([radio, form.querySelector("[name=delimiter]:checked")]);
  radio.checked = true;
  changed(radio);
}

// What was changed by hand since then stays.
function restore(field, before, after) {
  if (field.type === "radio" && field.checked && before) before.checked = true;
  if (field.type !== "radio" && field.value === after) field.value = before;
}

function changed(field) {
  field.closest("details").open = true;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

if (input.files[0]) check(); // kept by the browser after a reload
addEventListener("pageshow", () => isChecked(input.files[0])); // or put back by it on the way back
