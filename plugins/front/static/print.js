// Offers to print the page.
document.getElementById("print").hidden = false;
document.getElementById("print-button").addEventListener("click", () => window.print());
