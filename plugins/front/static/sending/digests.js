// The SHA-256 of a file's parts and of the whole, made by a worker a few parts ahead of what is sent.

const AHEAD = 8; // parts

export class FileChanged extends Error {}

export class Digests {
  #worker;
  #known = new Map(); // number → { promise, resolve, reject }
  #whole = deferred();

  constructor(file, { partSize, partCount }) {
    this.partCount = partCount;
    this.#worker = new Worker(new URL("./hash_worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = (event) => this.#fail(new Error(event.message || "The worker could not be started"));
    this.#worker.postMessage({ file, partSize, partCount });
  }

  // The SHA-256 of a part in base64, once it is known.
  of(number) {
    this.#worker.postMessage({ upTo: Math.min(this.partCount, number + AHEAD) });
    return this.#of(number).promise;
  }

  // Whether it is known already.
  has(number) {
    return this.#known.get(number)?.value !== undefined;
  }

  // The SHA-256 of the whole file in hex.
  whole() {
    this.#worker.postMessage({ upTo: this.partCount });
    return this.#whole.promise;
  }

  end() {
    this.#worker.terminate();
  }

  #of(number) {
    if (!this.#known.has(number)) this.#known.set(number, deferred());
    return this.#known.get(number);
  }

  #heard({ number, sha256, whole, failed }) {
    if (failed) return this.#fail(new FileChanged(failed));
    if (whole) return this.#whole.resolve(whole);
    const known = this.#of(number);
    known.value = sha256;
    known.resolve(sha256);
  }

  #fail(error) {
    for (let number = 1; number <= this.partCount; number++) {
      if (!this.has(number)) this.#of(number).reject(error);
    }
    this.#whole.reject(error);
  }
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {}); // whoever waits for it hears of it
  return made;
}
