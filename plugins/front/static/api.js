// The JSON API as the pages call it: with the session's cookie and the page's token, again when the network fails.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? "Something went wrong. Try again.");
    this.status = status;
    this.code = body.code ?? "unknown";
    this.field = body.field ?? null;
  }
}

const ATTEMPTS = 8;

export const pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

// Waits 0.5 s, 1 s, 2 s, … 30 s, a little more or less, so that many pages do not come back at once.
export const backOff = (attempt, signal) =>
  pause(Math.min(30_000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2), signal);

export async function call(method, url, { csrf, body, signal } = {}) {
  for (let attempt = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(url, {
        method,
        signal,
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted || attempt === ATTEMPTS) throw error;
    }
    if (response?.ok) return response.json();
    if (response && response.status < 500) throw new Problem(response.status, await response.json().catch(() => ({})));
    if (response && attempt === ATTEMPTS) throw new Problem(response.status, await response.json().catch(() => ({})));
    await backOff(attempt, signal);
  }
}
