// Follows an upload: asks for its state, and takes the new page's content when it has changed.
import { call, pause } from "./api.js";

const QUICK = 1_000;
const SLOW = 10_000;

let shown = document.getElementById("status");
let wait = QUICK;

while (shown.dataset.underWay) {
  await pause(wait);
  wait = Math.min(SLOW, wait * 1.2);
  if (document.hidden) continue;
  const { state, withdrawal } = await call("GET", shown.dataset.api).catch((problem) => {
    window.location.reload(); // signed out, or away for long: the server says which
    throw problem;
  });
  if (state !== shown.dataset.state || (withdrawal?.progress ?? "") !== shown.dataset.withdrawal) {
    await refresh();
    wait = QUICK;
  }
}

async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(window.location.href)).text(), "text/html");
  const fresh = page.getElementById("status");
  if (!fresh) return window.location.reload(); // signed out
  shown.replaceWith(fresh);
  shown = fresh;
  document.title = page.title;
  document.getElementById("status-said").textContent = shown.querySelector(".app-tag").textContent.trim();
}
