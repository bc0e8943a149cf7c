// Follows an upload: asks for its state, and takes the new page's content when it has changed. When the network is away
// or the session has ended it says so, and goes on asking.
import { pause } from "./sending/wait.js";
import { unattended } from "./unattended.js";

const QUICK = 1_000;
const SLOW = 10_000;
const SIGNED_OUT = 401;
const GONE = [403, 404, 410]; // the page itself says so

const trouble = document.getElementById("status-trouble");
let shown = document.getElementById("status");
let wait = QUICK;
let following = false;

addEventListener("online", () => (wait = QUICK));
document.addEventListener("visibilitychange", () => document.hidden || look()); // it may be days later
follow();

async function follow() {
  if (following) return;
  following = true;
  while (shown.dataset.underWay) {
    await pause(wait);
    wait = Math.min(SLOW, wait * 1.2);
    if (!document.hidden) await look();
  }
  following = false;
}

async function look() {
  const answer = await fetch(shown.dataset.api, { headers: unattended({ Accept: "application/json" }) }).catch(() => null);
  if (!answer?.ok) return report(answer);
  const { state, withdrawal } = await answer.json().catch(() => ({}));
  if (!state) return report(null); // cut off
  const changed = state !== shown.dataset.state || (withdrawal?.progress ?? "") !== shown.dataset.withdrawal;
  // A person who signed in again has a new token for the page's forms.
  if ((changed || trouble.dataset.of === "trouble-signed-out") && !(await refresh())) return;
  report(answer);
  if (changed) wait = QUICK;
  follow();
}

function report(answer) {
  if (GONE.includes(answer?.status)) return window.location.reload();
  const of = answer?.ok ? "" : !answer ? "trouble-lost" : answer.status === SIGNED_OUT ? "trouble-signed-out" : "trouble-away";
  if ((trouble.dataset.of ?? "") === of) return; // said once
  trouble.dataset.of = of;
  trouble.replaceChildren(...(of ? [document.getElementById(of).content.cloneNode(true)] : []));
}

async function refresh() {
  const answer = await fetch(window.location.href, { headers: unattended() }).catch(() => null);
  const text = await answer?.text().catch(() => "");
  const page = new DOMParser().parseFromString(text ?? "", "text/html");
  const fresh = page.getElementById("status");
  if (!fresh) return false; // away again, or signed out: the next look says which
  const before = shown.querySelector(".app-tag").textContent.trim();
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  for (const open of shown.querySelectorAll("details[open][id]")) fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  shown.replaceWith(fresh);
  shown = fresh;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.title = page.title;
  const now = shown.querySelector(".app-tag").textContent.trim();
  if (now !== before) document.getElementById("status-said").textContent = now;
  document.dispatchEvent(new Event("app:shown"));
  const { initAll } = await import("./vendor/govuk-frontend/govuk-frontend.min.js");
  initAll({ scope: shown });
  return true;
}
