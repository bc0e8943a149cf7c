// Sends a file's parts to their signed URLs: three at a time, each again until it is there.
import { backOff, call, Problem } from "./api.js";

const AT_ONCE = 3;
const SIGNED_AT_ONCE = 20;
const ATTEMPTS = 10;

export class PartSender {
  #urls = new Map();
  #signing = Promise.resolve();

  constructor(file, { uploadId, partSize, partCount, api, csrf, signal, onProgress }) {
    Object.assign(this, { file, uploadId, partSize, partCount, api, csrf, signal, onProgress });
    this.sent = new Array(partCount + 1).fill(0);
  }

  // The ETag of every part, in order.
  async send() {
    const etags = new Array(this.partCount);
    let next = 1;
    const worker = async () => {
      while (next <= this.partCount) {
        const number = next++;
        etags[number - 1] = { part_number: number, etag: await this.#sendPart(number) };
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, this.partCount) }, worker));
    return etags;
  }

  async #sendPart(number) {
    const start = (number - 1) * this.partSize;
    const content = this.file.slice(start, Math.min(start + this.partSize, this.file.size));
    for (let attempt = 0; ; attempt++) {
      const url = await this.#urlOf(number);
      const { status, etag } = await this.#put(number, url, content);
      if (status === 200 && etag) return etag;
      if (status === 200) throw new Problem(200, { detail: "The store does not show this page what it stored (ETag)." });
      this.#urls.delete(number); // it may have expired
      this.#progress(number, 0);
      if (attempt === ATTEMPTS) {
        throw new Problem(status, { detail: "The file could not be sent: the connection to the store failed. Try again." });
      }
      await backOff(attempt, this.signal);
    }
  }

  // One signing at a time; it signs the parts that come next as well.
  #urlOf(number) {
    this.#signing = this.#signing.catch(() => {}).then(async () => {
      if (this.#urls.has(number)) return;
      const last = Math.min(number + SIGNED_AT_ONCE - 1, this.partCount);
      const numbers = Array.from({ length: last - number + 1 }, (_, index) => number + index);
      const { urls } = await call("POST", `${this.api}/uploads/${this.uploadId}/parts`, {
        csrf: this.csrf,
        signal: this.signal,
        body: { part_numbers: numbers },
      });
      for (const [signed, url] of Object.entries(urls)) this.#urls.set(Number(signed), url);
    });
    return this.#signing.then(() => this.#urls.get(number));
  }

  // Status 0 when the network failed. Not fetch: only this tells how much has been sent.
  #put(number, url, content) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      const end = (result) => (this.signal.removeEventListener("abort", stop), resolve(result));
      if (this.signal.aborted) return reject(this.signal.reason);
      this.signal.addEventListener("abort", stop, { once: true });
      request.upload.onprogress = (event) => this.#progress(number, event.loaded);
      request.onload = () => {
        if (request.status !== 200) return end({ status: request.status });
        this.#progress(number, content.size);
        end({ status: 200, etag: request.getResponseHeader("ETag")?.replaceAll('"', "") });
      };
      request.onerror = () => end({ status: 0 });
      request.onabort = () => reject(this.signal.reason ?? new Error("aborted"));
      request.open("PUT", url);
      request.send(content);
    });
  }

  #progress(number, bytes) {
    this.sent[number] = bytes;
    this.onProgress(this.sent.reduce((sum, each) => sum + each, 0));
  }
}
