// Errors of a form: the summary at the top, the message beside the input, and "Error: " in the title.

const STYLES = ["govuk-file-upload--error", "govuk-input--error", "govuk-textarea--error"];

export class FormErrors {
  constructor(form, { summary, notice, input }) {
    Object.assign(this, { form, summary, notice, input });
    this.title = document.title.replace(/^Error: /, "");
  }

  showNotice(message) {
    this.notice.textContent = message;
    this.notice.hidden = false;
    this.notice.focus();
  }

  show(message, wrong = this.input) {
    this.clear();
    document.title = `Error: ${this.title}`;
    const link = this.summary.querySelector("a");
    link.textContent = message;
    link.href = `#${wrong.id}`;
    this.summary.hidden = false;
    const inline = document.createElement("p");
    inline.id = `${wrong.id}-error`;
    inline.className = "govuk-error-message";
    const hidden = document.createElement("span");
    hidden.className = "govuk-visually-hidden";
    hidden.textContent = "Error: ";
    inline.append(hidden, message);
    wrong.closest(".govuk-form-group")?.classList.add("govuk-form-group--error");
    const style = { TEXTAREA: "govuk-textarea--error", DETAILS: "" }[wrong.tagName] ?? "govuk-input--error";
    wrong.classList.add(...(wrong === this.input ? ["govuk-file-upload--error"] : style ? [style] : []));
    wrong.setAttribute("aria-describedby", `${wrong.id}-hint ${inline.id}`);
    (wrong.type === "radio" ? wrong.closest(".govuk-radios") : wrong).before(inline);
    this.summary.focus();
  }

  clear() {
    document.title = this.title;
    this.summary.hidden = true;
    this.notice.hidden = true;
    document
      .querySelectorAll(".govuk-error-message, .govuk-error-summary:not(#upload-errors)")
      .forEach((old) => old.remove());
    this.form
      .querySelectorAll(".govuk-form-group--error")
      .forEach((group) => group.classList.remove("govuk-form-group--error"));
    for (const style of STYLES) {
      this.form.querySelectorAll(`.${style}`).forEach((marked) => {
        marked.classList.remove(style);
        marked.setAttribute("aria-describedby", `${marked.id}-hint`);
      });
    }
  }
}
