// The JSON API as the pages call it: with the session's cookie and the page's token. A lost network and an ended session
// hold the call up instead of failing it.
import { REASON } from "./gate.js";
import { backOff } from "./wait.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? "Something went wrong. Try again.");
    this.status = status;
    this.code = body.code ?? "unknown";
    this.field = body.field ?? null;
    this.confirm = body.confirm ?? null;
  }
}

const UNAUTHENTICATED = 401;
const FORBIDDEN = 403;
const FAULT = 500;
const FAULTS_MAX = 3; // answers that something is broken; a service that is away says 502 to 504
const RENEWED_MAX = 5; // sessions that are there and do not count

const BROKEN = "Something is wrong in the service. Try again later, or tell the team that runs it.";

export class Api {
  #dark = new Set(); // calls that wait for the network

  constructor(base, { session, gate }) {
    Object.assign(this, { base, session, gate });
  }

  // The answer's JSON; Problem for what the service refuses. `patient`: wait for network, service and sign-in.
  // `whole`: a request that was sent is waited for even when the signal comes, to know what the service made of it.
  // `key`: what the service knows a request by that is sent again.
  async call(method, path, { body, signal, patient = true, whole = false, key = null } = {}) {
    const mine = {};
    let renewed = 0, faults = 0;
    try {
      for (let attempt = 0; ; attempt++) {
        const response = await this.#ask(method, path, { body, key, signal: whole ? null : signal, patient });
        if (response?.ok) return await response.json();
        if (response && response.status < 500) {
          const problem = new Problem(response.status, await response.json().catch(() => ({})));
          if (!patient || !endedSession(problem) || renewed >= RENEWED_MAX) throw problem;
          if (renewed) await backOff(renewed, signal);
          renewed++;
          await this.session.renew(signal);
          continue;
        }
        if (response?.status === FAULT && ++faults >= FAULTS_MAX) throw new Problem(FAULT, { detail: BROKEN });
        if (!patient) throw new Problem(response?.status ?? 0, {});
        this.dark(mine);
        await backOff(attempt, signal);
      }
    } finally {
      this.light(mine);
    }
  }

  // Somebody waits for the network: as long as anybody does, the upload is held up.
  dark(who) {
    this.#dark.add(who);
    this.gate.close(REASON.OFFLINE);
  }

  light(who) {
    if (this.#dark.delete(who) && this.#dark.size === 0) this.gate.open(REASON.OFFLINE);
  }

  async #ask(method, path, { body, key, signal, patient }) {
    try {
      return await fetch(this.base + path, {
        method,
        signal,
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          "X-CSRF-Token": this.session.csrf,
          ...(key && { "Idempotency-Key": key }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted || !patient) throw error;
      return null;
    }
  }
}

// A page that was loaded before the last sign-in has an old token: that is an ended session too.
const endedSession = ({ status, code }) => status === UNAUTHENTICATED || (status === FORBIDDEN && code === "csrf");
