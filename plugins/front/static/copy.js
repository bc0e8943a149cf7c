// Adds a button to every text that is there to be copied. Without it the text can still be selected.

const SHOWN = 3_000;

function addButtons() {
  for (const block of document.querySelectorAll("[data-copy]:not([data-copy-ready])")) {
    block.dataset.copyReady = "yes";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary app-copy__button";
    const what = document.createElement("span");
    what.className = "govuk-visually-hidden";
    what.textContent = ` ${block.dataset.copyWhat}`;
    const said = document.createElement("span");
    said.className = "app-copy__said govuk-body-s";
    said.setAttribute("role", "status");
    button.append("Copy", what);
    button.addEventListener("click", () => copy(document.getElementById(block.dataset.copy), said));
    block.append(button, said);
  }
}

async function copy(source, said) {
  const copied = await written(source.textContent);
  if (!copied) getSelection().selectAllChildren(source);
  said.textContent = copied ? "Copied" : "Selected: press Ctrl and C, or Command and C";
  if (copied) setTimeout(() => (said.textContent = ""), SHOWN);
}

async function written(text) {
  try {
    await navigator.clipboard.writeText(text); // not there on pages without TLS
    return true;
  } catch {
    return false;
  }
}

addButtons();
document.addEventListener("app:shown", addButtons);
