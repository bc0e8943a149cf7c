// Shows how far an upload is, and what holds it up, and says it politely to screen readers.
import { REASON } from "./gate.js";
import { inWords, Speed, timeInWords } from "./plan.js";

const DOUBLE_CLICK = 600; // milliseconds

const element = (id) => document.getElementById(id);

export class View {
  #said = 0; // tenths: a screen reader hears ten messages, not a hundred
  #speed = new Speed();
  #shownAt = 0;

  constructor(form, { gate, session }) {
    Object.assign(this, { form, gate, session });
    gate.addEventListener("change", () => this.#held());
    element("pause-button").addEventListener("click", () => {
      if (gate.isClosedFor(REASON.SIGNED_OUT)) session.look();
      else if (gate.isClosedFor(REASON.PAUSED)) gate.open(REASON.PAUSED);
      else gate.close(REASON.PAUSED);
    });
  }

  #allow(allowed) {
    element("cancel-button").disabled = element("pause-button").disabled = !allowed;
  }

  show(shown) {
    element("upload-progress").hidden = !shown;
    this.form.hidden = shown;
    clearInterval(this.ticking);
    this.last = null;
    if (shown) this.ticking = setInterval(() => this.last && this.sent(...this.last), 1000); // also when nothing moves
    this.#allow(shown);
    // The second click of a double click on Upload would land on what has come into its place. Keys are not held up.
    const { classList } = element("sending-buttons");
    classList.toggle("app-no-clicks", shown);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => classList.remove("app-no-clicks"), DOUBLE_CLICK);
    this.#said = 0;
    this.#speed.forget();
    if (!shown) return;
    this.#write(0, "Starting");
    element("progress-label").focus();
  }

  verifying() {
    element("progress-label").textContent = "Checking the file";
  }

  verified(bytes, size) {
    this.#write(percentOf(bytes, size), `Comparing the file with what has arrived: ${inWords(bytes)}`);
  }

  sending() {
    element("progress-label").textContent = "Uploading";
    this.#speed.forget();
  }

  sent(bytes, size) {
    this.last = [bytes, size];
    const now = performance.now();
    const percent = percentOf(bytes, size);
    const speed = this.#speed.at(now, bytes);
    if (now - this.#shownAt < 200 && percent < 100) return;
    this.#shownAt = now;
    const rate = speed ? `, ${inWords(Math.round(speed))} a second, ${timeInWords((size - bytes) / speed)} left` : "";
    this.#write(percent, `${inWords(bytes)} of ${inWords(size)} (${percent}%)${bytes < size ? rate : ""}`);
    const tenth = Math.floor(percent / 10);
    if (tenth > this.#said) element("progress-said").textContent = `${tenth * 10}% uploaded`;
    this.#said = Math.max(tenth, this.#said);
  }

  completing() {
    this.last = null;
    this.#allow(false);
    element("progress-text").textContent = "Everything has arrived. Finishing";
  }

  cancelling() {
    this.last = null;
    element("progress-text").textContent = "Cancelling…";
  }

  #write(percent, text) {
    element("progress-bar").value = percent;
    element("progress-text").textContent = text;
  }

  #held() {
    const { gate } = this;
    const reason = [REASON.SIGNED_OUT, REASON.PAUSED, REASON.ELSEWHERE, REASON.OFFLINE].find((each) => gate.isClosedFor(each));
    element("pause-button").textContent = [REASON.SIGNED_OUT, REASON.PAUSED].includes(reason) ? "Continue" : "Pause";
    if (reason) this.#speed.forget();
    for (const said of document.querySelectorAll("[data-held]")) said.hidden = said.dataset.held !== reason;
    element("sending-held").hidden = !reason;
    const other = gate.isClosedFor(REASON.SIGNED_OUT) ? gate.detail(REASON.SIGNED_OUT) : null;
    element("signed-in-other").hidden = !other;
    element("signed-in-other").textContent = other
      ? `You are signed in as ${other}. This upload is ${this.session.email}’s: sign in as ${this.session.email}.`
      : "";
  }
}

const percentOf = (bytes, size) => (size === 0 ? 100 : Math.min(100, Math.floor((100 * bytes) / size)));
