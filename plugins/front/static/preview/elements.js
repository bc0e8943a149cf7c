// Elements of the page in the design system's classes. Texts are set as texts: values of a file are never markup.

export function element(tag, { text, children = [], ...attributes } = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export const paragraph = (text, more = {}) => element("p", { class: "govuk-body", text, ...more });

export const button = (text, onClick, { kind = "secondary", label = null } = {}) => {
  const made = element("button", {
    type: "button", class: `govuk-button govuk-button--${kind} app-preview__button`, text,
  });
  if (label) made.append(element("span", { class: "govuk-visually-hidden", text: ` ${label}` }));
  made.addEventListener("click", onClick);
  return made;
};

// A table in a region that can be scrolled by keyboard.
export function scrollingTable(caption, head, rows, { wraps = false } = {}) {
  const id = `table-${caption.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  const cells = (tag, texts, more = {}) =>
    texts.map((content) => element(tag, { class: `govuk-table__${tag === "th" ? "header" : "cell"}`, ...more,
      ...(content instanceof Node ? { children: [content] } : { text: content }) }));
  const table = element("table", { class: `govuk-table app-preview__table${wraps ? " app-preview__table--wraps" : ""}`, children: [
    element("caption", { class: "govuk-table__caption govuk-table__caption--s", text: caption, id }),
    element("thead", { class: "govuk-table__head", children: [
      element("tr", { class: "govuk-table__row", children: cells("th", head, { scope: "col" }) })] }),
    element("tbody", { class: "govuk-table__body", children: rows.map((row) =>
      element("tr", { class: "govuk-table__row", children: cells("td", row) })) }),
  ] });
  return element("div", { class: "app-preview__scroll", role: "region", tabindex: "0", "aria-labelledby": id, children: [table] });
}
