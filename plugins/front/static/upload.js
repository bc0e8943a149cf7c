// Step 4: checks the chosen file by name and size, announces it and sends it, or goes on with what was begun.
import { isChecked } from "./preview/page.js"; // with this module, so that at no moment a file is sent and was not checked
import { keepWhenLeaving, readingInput, readingOptionsOf } from "./reading_options.js";
import { problemOf } from "./sending/chosen_file.js";
import { SendingPage } from "./sending/page.js";

const form = document.getElementById("upload-form");
const button = document.getElementById("upload-button");
const given = form.dataset;
const page = new SendingPage(form, { inputOf: readingInput });

keepWhenLeaving(form, (message) => page.errors.show(message, document.getElementById("reading-options")));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (page.isRunning || button.disabled || button.getAttribute("aria-disabled") === "true") return;
  const file = page.input.files[0];
  const wrong = problemOf(file, given);
  if (wrong) return page.errors.show(wrong);
  if (!isChecked(file)) return;
  page.send(file, (signal) => begin(file, signal));
});

async function begin(file, signal) {
  const announced = announcement(file);
  const known = page.remembered.find(file, announced);
  if (known && (await isUnderWay(known, signal))) return { begun: known, resumed: true };
  const key = newKey(); // a lost answer is asked for again, and makes no second upload
  const begun = await page.api.call("POST", "/uploads", { signal, body: announced, whole: true, key });
  page.remembered.keep(begun, file, announced);
  return { begun, resumed: false };
}

// 128 random bits. Not randomUUID: a page that came by plain HTTP from another machine does not have it.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function isUnderWay({ upload_id }, signal) {
  try {
    const { state } = await page.api.call("GET", `/uploads/${upload_id}`, { signal });
    return ["started", "uploading"].includes(state);
  } catch (error) {
    signal.throwIfAborted();
    return false;
  }
}

// Whatever else the form must say of the file is a field `data-announced`: its name and value are sent, a JSON one as what it says.
function announcement(file) {
  const more = [...form.querySelectorAll("[data-announced]")].map((input) => [
    input.name,
    input.type === "checkbox" ? input.checked : input.dataset.announced === "json" ? JSON.parse(input.value) : input.value,
  ]);
  return {
    database: given.database,
    table: given.table,
    filename: file.name,
    size: file.size,
    create: given.create === "yes",
    governance: { document: given.document, reference: given.reference, classification: given.classification },
    reading_options: readingOptionsOf(form),
    ...Object.fromEntries(more),
  };
}
