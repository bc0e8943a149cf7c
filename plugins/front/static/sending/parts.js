// Sends a file's parts to URLs that are good for their very content: four at a time, each again until it is there.
import { Problem } from "./api.js";
import { FileChanged } from "./digests.js";
import { REASON } from "./gate.js";
import { boundsOf } from "./plan.js";
import { put, STALLED, UNREACHABLE } from "./put.js";
import { backOff } from "./wait.js";

const AT_ONCE = 4;
const SIGNED_AT_ONCE = 8; // no more than are sent soon, so that none expires while it waits
const REFUSED_MAX = 5; // answers to fresh URLs that no waiting helps
const DAMAGED_MAX = 3;

export class PartSender {
  #signed = new Map(); // number → { url, headers, until }
  #signing = Promise.resolve();
  #bytes = new Map(); // number → bytes that have left

  constructor(file, { place, partSize, partCount, api, gate, digests, onBytes }) {
    Object.assign(this, { file, place, partSize, partCount, api, gate, digests, onBytes });
    this.there = new Set();
    this.total = 0;
  }

  // A part that needs not be sent, or not any more.
  has(number) {
    this.there.add(number);
    const { start, end } = this.#bounds(number);
    this.#count(number, end - start);
  }

  lacks(number) {
    this.there.delete(number);
    this.#count(number, 0);
  }

  // Resolves when every part is there.
  async send(signal) {
    const ended = new AbortController(); // one that fails for good ends the others
    const either = AbortSignal.any([signal, ended.signal]);
    let next = 1;
    const worker = async () => {
      while (next <= this.partCount) {
        const number = next++;
        if (!this.there.has(number)) await this.#send(number, either);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, this.partCount) }, worker));
    } catch (error) {
      ended.abort(error);
      throw error;
    }
  }

  async #send(number, signal) {
    const { start, end } = this.#bounds(number);
    const content = this.file.slice(start, end);
    const tried = { waited: 0, refused: 0, damaged: 0 };
    const mine = {};
    try {
      while (true) {
        await this.gate.pass(signal, tried.waited ? REASON.OFFLINE : null);
        const signed = await this.#signedFor(number, signal);
        const answer = await this.#put(number, signed, content, signal);
        if (answer.status === 200) return this.has(number);
        this.#count(number, 0);
        if (this.gate.isClosedFor(REASON.PAUSED)) continue;
        await this.#consider(answer, { number, content, tried, mine, signal });
      }
    } finally {
      this.api.light(mine);
    }
  }

  // What did not arrive: wait for what passes, throw what does not.
  async #consider({ status, code }, { number, content, tried, mine, signal }) {
    if (status === UNREACHABLE || status === STALLED || status >= 500 || status === 408 || status === 429) {
      if (status === UNREACHABLE) await readable(content);
      this.api.dark(mine);
      return backOff(tried.waited++, signal);
    }
    if (["BadDigest", "XAmzContentSHA256Mismatch"].includes(code) && ++tried.damaged >= DAMAGED_MAX) {
      throw new FileChanged("A part has other bytes than when it was read");
    }
    this.#signed.delete(number); // it has expired, or the upload is over: then signing says so
    if (++tried.refused >= REFUSED_MAX) {
      throw new Problem(status, { detail: `The store does not take the file (${code || status}). Tell the team that runs the service.` });
    }
    return backOff(tried.refused - 1, signal);
  }

  #put(number, { url, headers }, content, signal) {
    const paused = new AbortController();
    const look = () => this.gate.isClosedFor(REASON.PAUSED) && paused.abort();
    this.gate.addEventListener("change", look);
    return put(url, {
      headers,
      content,
      signal,
      pausing: paused.signal,
      onBytes: (bytes) => this.#count(number, Math.min(bytes, content.size)),
    }).finally(() => this.gate.removeEventListener("change", look));
  }

  // One signing at a time; it signs those that come next as well, as far as they have been read.
  async #signedFor(number, signal) {
    const sha256 = await this.digests.of(number);
    this.#signing = this.#signing
      .catch(() => {})
      .then(async () => {
        if (this.#signed.get(number)?.until > Date.now()) return;
        const parts = [];
        for (let each = number; each <= this.partCount && parts.length < SIGNED_AT_ONCE; each++) {
          if (each !== number && (this.there.has(each) || !this.digests.has(each))) continue;
          const { start, end } = this.#bounds(each);
          parts.push({ part_number: each, size: end - start, sha256: each === number ? sha256 : await this.digests.of(each) });
        }
        const answer = await this.api.call("POST", `${this.place}/parts`, { signal, body: { parts } });
        const until = Date.now() + answer.expires_in * 900; // milliseconds, with some to spare
        for (const { part_number, url, headers } of answer.parts) this.#signed.set(part_number, { url, headers, until });
      });
    await this.#signing;
    return this.#signed.get(number) ?? this.#signedFor(number, signal);
  }

  #bounds(number) {
    return boundsOf(number, { size: this.file.size, partSize: this.partSize });
  }

  #count(number, bytes) {
    this.total += bytes - (this.#bytes.get(number) ?? 0);
    this.#bytes.set(number, bytes);
    this.onBytes(this.total);
  }
}

// A file that was changed, moved or taken away fails like a network, but cannot be read either.
async function readable(content) {
  try {
    await content.slice(0, 1).arrayBuffer();
  } catch (error) {
    throw new FileChanged(String(error));
  }
}
