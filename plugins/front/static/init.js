// Starts the design system's components. Without its file the pages still work: it only adds to them.
try {
  const { initAll } = await import("./vendor/govuk-frontend/govuk-frontend.min.js");
  initAll();
} catch (error) {
  document.body.classList.remove("govuk-frontend-supported", "js-enabled"); // so that nothing stays hidden
  console.warn("The design system's script did not load.", error);
}
