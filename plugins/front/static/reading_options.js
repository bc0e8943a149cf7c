// Step 4's reading options: what the form says of them, as the API takes it, and keeping them while a person goes back.

const FIELDS = ["delimiter", "text_columns", "day_first_columns", "null_words", "sheet"];

const OTHER_ANSWERS = "The reading options could not be kept: your answers were changed in another tab or window, or you have been signed out. Load this page again";

const namesOf = (text) =>
  text
    .split(/[,\r\n]/)
    .map((name) => name.trim())
    .filter(Boolean);

// undefined when the table's are not this person's to choose.
export function readingOptionsOf(form) {
  const fields = new FormData(form);
  if (!fields.has("text_columns")) return undefined;
  return {
    delimiter: fields.get("delimiter") ?? "comma",
    text_columns: namesOf(fields.get("text_columns")),
    day_first_columns: namesOf(fields.get("day_first_columns")),
    null_words: fields
      .get("null_words")
      .split(/[\r\n]/)
      .filter(Boolean), // exactly as in the file
    sheet: (fields.get("sheet") ?? "").trim() || null,
  };
}

// The input that a problem of the API is about, if it is one of these; the part that holds it is opened.
export function readingInput(field) {
  const [whole, name] = (field ?? "").split(".");
  if (whole !== "reading_options") return null;
  const details = document.getElementById("reading-options");
  details.open = true;
  return document.getElementById(name ?? "") ?? details.querySelector("input, textarea") ?? details;
}

// A link away from the page first sends what was typed, so that it is there when the person comes back.
// `refused` is told when they could not be kept.
export function keepWhenLeaving(form, refused) {
  const state = () => JSON.stringify(readingOptionsOf(form));
  let kept = state();
  for (const link of document.querySelectorAll('a[href*="change=yes"], a.govuk-back-link')) {
    link.addEventListener("click", async (event) => {
      if (state() === kept || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const all = new FormData(form);
      const sent = new URLSearchParams({ save: "reading" });
      for (const name of ["csrf_token", "database", "table", ...FIELDS]) if (all.has(name)) sent.set(name, all.get(name));
      const answer = await fetch(form.action, { method: "POST", body: sent, redirect: "manual" }).catch(() => null);
      if (answer?.status >= 400) return refused(OTHER_ANSWERS);
      kept = state();
      window.location.assign(link.href);
    });
  }
}
