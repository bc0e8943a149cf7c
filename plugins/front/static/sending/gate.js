// What holds an upload up: everything that sends waits here until no reason is left.

export const REASON = { PAUSED: "paused", OFFLINE: "offline", SIGNED_OUT: "signed-out", ELSEWHERE: "elsewhere" };

export class Gate extends EventTarget {
  #reasons = new Map(); // reason → what to say beside the usual words

  get reasons() {
    return [...this.#reasons.keys()];
  }

  detail(reason) {
    return this.#reasons.get(reason);
  }

  close(reason, detail = null) {
    if (this.#reasons.has(reason) && this.#reasons.get(reason) === detail) return;
    this.#reasons.set(reason, detail);
    this.dispatchEvent(new Event("change"));
  }

  open(reason) {
    if (this.#reasons.delete(reason)) this.dispatchEvent(new Event("change"));
  }

  isClosedFor(reason) {
    return this.#reasons.has(reason);
  }

  // Resolves once nothing holds the upload up; rejects when it is given up meanwhile. `but`: a reason that does not count.
  async pass(signal, but = null) {
    while (this.reasons.some((reason) => reason !== but)) await once(this, "change", signal);
    signal?.throwIfAborted();
  }
}

// The next event of a target; rejects when the signal aborts.
export const once = (target, type, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      target.removeEventListener(type, heard);
      reject(signal.reason);
    };
    const heard = (event) => {
      signal?.removeEventListener("abort", stop);
      resolve(event);
    };
    target.addEventListener(type, heard, { once: true });
    signal?.addEventListener("abort", stop, { once: true });
  });
