// The session of the page: when it ends, sending waits until the same person has signed in again, in any tab.
import { REASON } from "./gate.js";
import { unattended } from "../unattended.js";
import { pause } from "./wait.js";

const LOOK_EVERY = 5000; // milliseconds

export class Session {
  #renewing = null;

  constructor({ email, csrf, url, gate }) {
    Object.assign(this, { email, csrf, url, gate });
  }

  // Resolves once there is a session of the same person again; everybody who waits shares one look-out.
  renew(signal) {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#renewing.then(resolve, reject);
    });
  }

  // Look now instead of in some seconds.
  look() {
    this.looked?.abort();
  }

  async #renew() {
    while (true) {
      const found = await this.#found();
      if (found?.email === this.email) {
        this.csrf = found.csrf;
        this.gate.open(REASON.SIGNED_OUT);
        return;
      }
      this.gate.close(REASON.SIGNED_OUT, found?.email ?? null);
      this.looked = new AbortController();
      await pause(LOOK_EVERY, this.looked.signal).catch(() => {});
    }
  }

  async #found() {
    try {
      const response = await fetch(this.url, { headers: unattended({ Accept: "application/json" }) });
      return response.ok ? await response.json() : null;
    } catch {
      return null; // the network is away as well
    }
  }
}
