// Makes a long select one that can be narrowed by typing. It stays a select, so keyboards, screen readers and phones know it.

const FEW = 7; // names that are found at a glance
const ROWS = 7;

for (const select of document.querySelectorAll("select[data-filter]")) {
  const all = [...select.options].filter((option) => option.value !== "").map((option) => option.value);
  if (all.length > FEW) enhance(select, all);
}

function enhance(select, all) {
  const things = select.dataset.filter;
  const group = document.createElement("div");
  group.className = "govuk-form-group app-filter";
  const id = `${select.id}-filter`;
  const label = make("label", "govuk-label", `Filter the list of ${all.length.toLocaleString("en-GB")} ${things}`);
  label.htmlFor = id;
  const hint = make("div", "govuk-hint", "Type part of a name, then choose from the list");
  hint.id = `${id}-hint`;
  const input = make("input", "govuk-input");
  Object.assign(input, { id, type: "text", autocomplete: "off", spellcheck: false });
  input.setAttribute("aria-describedby", hint.id);
  input.setAttribute("aria-controls", select.id);
  const said = make("p", "govuk-body-s app-filter__said");
  said.setAttribute("role", "status");
  group.append(label, hint, input, said);
  select.closest(".govuk-form-group").before(group);

  select.size = ROWS;
  select.classList.add("app-filter__list");
  const chosen = select.value;
  const show = (names, wanted) => {
    select.replaceChildren(...names.map((name) => new Option(name, name, name === wanted, name === wanted)));
    if (!names.includes(wanted)) select.selectedIndex = -1;
  };
  show(all, chosen);

  input.addEventListener("input", () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const typed = words.join("_");
    const names = all.filter((name) => words.every((word) => name.includes(word)));
    // Who has typed the whole name, or left only one, need not go to the list.
    const wanted = names.length === 1 ? names[0] : names.includes(typed) ? typed : select.value;
    show(names, wanted);
    const shown = names.length === 0 ? `No ${things} match` : `${names.length.toLocaleString("en-GB")} of ${all.length.toLocaleString("en-GB")} ${things} match`;
    said.textContent = words.length === 0 ? "" : shown + (select.value ? `. Chosen: ${select.value}` : "");
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    if (event.key === "Enter" && select.value) return; // sends the form, as in any other input
    event.preventDefault();
    if (select.options.length === 0) return;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
    select.focus();
  });
}

function make(tag, classes, text = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = text;
  return made;
}
