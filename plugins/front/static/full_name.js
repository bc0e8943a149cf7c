// Shows the full name of a new database or table as its short name is typed.
for (const shown of document.querySelectorAll("[data-full-name-of]")) {
  const input = document.getElementById(shown.dataset.fullNameOf);
  const show = () => {
    shown.hidden = input.value.trim() === "";
    shown.querySelector("code").textContent = shown.dataset.prefix + input.value.trim();
  };
  input.addEventListener("input", show);
  show();
}
