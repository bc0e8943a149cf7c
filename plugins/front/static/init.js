// Starts the design system's components. Without its file the pages still work: it only adds to them.
try {
  const { initAll } = await import("./vendor/govuk-frontend/govuk-frontend.min.js");
  initAll();
  for (const moment of ["click", "pageshow"]) window.addEventListener(moment, sayWhatRadiosAre);
  sayWhatRadiosAre();
} catch (error) {
  document.body.classList.remove("govuk-frontend-supported", "js-enabled"); // so that nothing stays hidden
  console.warn("The design system's script did not load.", error);
}

// The design system marks radio buttons that show more as expanded, which WAI-ARIA has no radio button be.
function sayWhatRadiosAre() {
  for (const radio of document.querySelectorAll(".govuk-radios__input[aria-expanded]")) radio.removeAttribute("aria-expanded");
}
