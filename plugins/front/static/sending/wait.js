// Waiting before the next attempt.

export const pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), resolve()), milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });

const LONGEST = 30_000;

// Waits 0.5 s, 1 s, 2 s, … 30 s, a little more or less, so that many pages do not come back at once; less when the
// browser says that the network is back.
export async function backOff(attempt, signal) {
  const ended = new AbortController();
  const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  const back = () => ended.abort();
  window.addEventListener("online", back, { once: true });
  try {
    await pause(Math.min(LONGEST, 500 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2), either);
  } catch (error) {
    signal?.throwIfAborted();
    if (!ended.signal.aborted) throw error;
  } finally {
    window.removeEventListener("online", back);
  }
}
