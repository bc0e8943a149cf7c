// Step 4: checks the chosen file by name and size, sends it to the store in parts, and shows how far it is.
import { call, Problem } from "./api.js";
import { PartSender } from "./parts.js";
import { keepWhenLeaving, readingInput, readingOptionsOf } from "./reading_options.js";

const form = document.getElementById("upload-form");
const input = document.getElementById("file");
const summary = document.getElementById("upload-errors");
const notice = document.getElementById("upload-notice");
const progress = document.getElementById("upload-progress");
const bar = document.getElementById("progress-bar");
const text = document.getElementById("progress-text");
const said = document.getElementById("progress-said");
const label = document.getElementById("progress-label");
const given = form.dataset;
const plainTitle = document.title.replace(/^Error: /, "");

let running = null; // { controller, uploadId }

keepWhenLeaving(form);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return;
  const file = input.files[0];
  const wrong = problemOf(file);
  if (wrong) return showError(wrong);
  upload(file);
});

document.getElementById("cancel-button").addEventListener("click", () => {
  running?.controller.abort(new DOMException("cancelled", "AbortError"));
});

window.addEventListener("beforeunload", (event) => running && event.preventDefault());

// The same words as the server's, which decides in any case.
function problemOf(file) {
  const formats = given.formats.split(" ");
  if (!file) return "Select a file";
  const [format, inner] = file.name.toLowerCase().replaceAll("ndjson", "jsonl").split(".").slice(1).reverse();
  const texts = ["csv", "json", "jsonl"].filter((text) => formats.includes(text));
  if (!formats.includes(format) || (format === "gz" && !texts.includes(inner))) {
    const old = ["xls", "xlsm", "xlsb", "ods"].includes(format) && formats.includes("xlsx");
    const unnamed = format === "gz" && formats.includes("gz");
    return `The selected file must be a ${given.formatWords}.${
      old ? " Save this one as an Excel workbook (.xlsx) or as CSV." : ""
    }${unnamed ? " Name a compressed text like data.csv.gz, so that the name says what is inside." : ""}`;
  }
  if (file.size > Number(given.maxBytes)) return `The selected file must be ${given.maxWords} or smaller.`;
  return null;
}

async function upload(file) {
  const controller = new AbortController();
  running = { controller, uploadId: null };
  clearError();
  showProgress(true);
  try {
    const started = await call("POST", `${given.api}/uploads`, {
      csrf: given.csrf,
      body: announcement(file),
    });
    running.uploadId = started.upload_id;
    controller.signal.throwIfAborted();
    const parts = await sender(file, started, controller.signal).send();
    document.getElementById("cancel-button").disabled = true;
    await call("POST", `${given.api}/uploads/${started.upload_id}/complete`, { csrf: given.csrf, body: { parts } });
    running = null;
    window.location.assign(given.complete.replace("UPLOAD_ID", started.upload_id));
  } catch (error) {
    controller.abort(error);
    await giveUp(error, controller.signal);
  }
}

function sender(file, started, signal) {
  return new PartSender(file, {
    uploadId: started.upload_id,
    partSize: started.part_size,
    partCount: started.part_count,
    api: given.api,
    csrf: given.csrf,
    signal,
    onProgress: (sent) => showSent(sent, file.size),
  });
}

function announcement(file) {
  return {
    database: given.database,
    table: given.table,
    filename: file.name,
    size: file.size,
    create: given.create === "yes",
    governance: { document: given.document, reference: given.reference, classification: given.classification },
    reading_options: readingOptionsOf(form),
  };
}

async function giveUp(error) {
  const { uploadId } = running;
  const cancelled = error.name === "AbortError";
  if (uploadId) {
    text.textContent = "Cancelling…";
    await call("DELETE", `${given.api}/uploads/${uploadId}`, { csrf: given.csrf }).catch(() => {}); // it expires by itself
  }
  running = null;
  showProgress(false);
  if (cancelled) return showNotice("The upload was cancelled. Nothing was added to the table.");
  if (error instanceof Problem && error.status === 401) {
    return showError("You have been signed out. Sign in again in another tab, then select Upload file.");
  }
  if (error instanceof Problem) return showError(error.message, readingInput(error.field) ?? input);
  console.error(error);
  showError("The connection failed, and the file was not uploaded. Check the connection and try again.");
}

function showProgress(shown) {
  progress.hidden = !shown;
  form.hidden = shown;
  document.getElementById("cancel-button").disabled = false;
  if (shown) {
    showSent(0, 1);
    label.focus();
  }
}

let lastSaid = -1;

function showSent(sent, size) {
  const percent = size === 0 ? 100 : Math.min(100, Math.floor((100 * sent) / size));
  bar.value = percent;
  text.textContent = size > 1 ? `${inWords(sent)} of ${inWords(size)} (${percent}%)` : "Starting";
  const tenth = Math.floor(percent / 10); // a screen reader hears ten messages, not a hundred
  if (tenth !== lastSaid) said.textContent = `${tenth * 10}% uploaded`;
  lastSaid = tenth;
}

function inWords(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit ? Number(bytes.toPrecision(3)) : bytes} ${units[unit]}`;
}

function showNotice(message) {
  notice.textContent = message;
  notice.hidden = false;
  notice.focus();
}

function showError(message, wrong = input) {
  clearError();
  document.title = `Error: ${plainTitle}`;
  const link = summary.querySelector("a");
  link.textContent = message;
  link.href = `#${wrong.id}`;
  summary.hidden = false;
  const inline = document.createElement("p");
  inline.id = `${wrong.id}-error`;
  inline.className = "govuk-error-message";
  const hidden = document.createElement("span");
  hidden.className = "govuk-visually-hidden";
  hidden.textContent = "Error: ";
  inline.append(hidden, message);
  const group = wrong.closest(".govuk-form-group");
  group?.classList.add("govuk-form-group--error");
  const style = { TEXTAREA: "govuk-textarea--error", DETAILS: "" }[wrong.tagName] ?? "govuk-input--error";
  wrong.classList.add(...(wrong === input ? ["govuk-file-upload--error"] : style ? [style] : []));
  wrong.setAttribute("aria-describedby", `${wrong.id}-hint ${inline.id}`);
  (wrong.type === "radio" ? wrong.closest(".govuk-radios") : wrong).before(inline);
  summary.focus();
}

function clearError() {
  document.title = plainTitle;
  summary.hidden = true;
  notice.hidden = true;
  document.querySelectorAll(".govuk-error-message, .govuk-error-summary:not(#upload-errors)").forEach((old) => old.remove());
  form.querySelectorAll(".govuk-form-group--error").forEach((group) => group.classList.remove("govuk-form-group--error"));
  for (const style of ["govuk-file-upload--error", "govuk-input--error", "govuk-textarea--error"]) {
    form.querySelectorAll(`.${style}`).forEach((marked) => {
      marked.classList.remove(style);
      marked.setAttribute("aria-describedby", `${marked.id}-hint`);
    });
  }
}
