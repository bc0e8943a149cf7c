// One tab at a time. Browsers know locks only on pages served over HTTPS (or from this machine); without them two tabs
// send the same parts twice, which wastes time and harms nothing: each URL takes one content alone.

// The result of `work`, done while no other tab holds this name; `waits` is called first if one does.
export async function alone(name, { signal, waits }, work) {
  if (!navigator.locks) return work(false);
  const at = await navigator.locks.request(name, { ifAvailable: true }, async (lock) =>
    lock ? { done: await work(false) } : null,
  );
  if (at) return at.done;
  waits();
  return navigator.locks.request(name, { signal }, () => work(true));
}
