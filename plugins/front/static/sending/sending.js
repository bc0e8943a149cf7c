// One upload from its first part, or the first that is missing, to its completion.
import { Problem } from "./api.js";
import { Digests } from "./digests.js";
import { REASON } from "./gate.js";
import { alone } from "./locks.js";
import { PartSender } from "./parts.js";

const ROUNDS = 3; // parts that another tab sent anew meanwhile are looked at again
const OVER = ["cancelled", "started", "uploading"];

export class OtherFile extends Error {}

export class Sending {
  // `begun`: what the API said of the upload; `view` shows how far it is.
  constructor(file, begun, { api, gate, view }) {
    Object.assign(this, { file, begun, api, gate, view });
    this.place = `/uploads/${begun.upload_id}`;
  }

  // Resolves when the file has landed; only one tab of a browser sends an upload at a time.
  async run(signal, { resumed = false } = {}) {
    const waits = () => this.gate.close(REASON.ELSEWHERE);
    return alone(`data-uploader:${this.begun.upload_id}`, { signal, waits }, async (waited) => {
      this.gate.open(REASON.ELSEWHERE);
      const { part_size: partSize, part_count: partCount } = this.begun;
      this.digests = new Digests(this.file, { partSize, partCount });
      try {
        await this.#toTheEnd(signal, { partSize, partCount, resumed: resumed || waited });
      } catch (error) {
        if (!(error instanceof Problem) || !(await this.#landedElsewhere(error, signal))) throw error;
      } finally {
        this.digests.end();
      }
    });
  }

  async #toTheEnd(signal, { partSize, partCount, resumed }) {
    const { file, place, api, gate, digests } = this;
    const onBytes = (bytes) => this.view.sent(bytes, file.size);
    const sender = new PartSender(file, { place, partSize, partCount, api, gate, digests, onBytes });
    if (resumed) await this.#verify(sender, signal);
    this.view.sending();
    for (let round = 1; ; round++) {
      await sender.send(signal);
      const parts = await this.#stored(sender, signal);
      if (parts.length === partCount && (await this.#complete(parts, round, signal))) return;
      if (round === ROUNDS) throw new Problem(0, { detail: "Parts of the file got lost. Continue this upload from My uploads." });
    }
  }

  // The parts that are there must be those of this file, before any other is sent.
  async #verify(sender, signal) {
    this.view.verifying();
    const { parts } = await this.api.call("GET", `${this.place}/parts`, { signal });
    let seen = 0;
    for (const { part_number, size, sha256 } of parts) {
      await this.gate.pass(signal);
      const same = (await this.digests.of(part_number)) === sha256;
      signal.throwIfAborted();
      if (!same) throw new OtherFile(`Part ${part_number} has another SHA-256`);
      sender.has(part_number);
      this.view.verified((seen += size), this.file.size);
    }
  }

  // What completes the upload; the sender lacks what is not there, or not as this file has it.
  async #stored(sender, signal) {
    const { parts } = await this.api.call("GET", `${this.place}/parts`, { signal });
    const found = new Map(parts.map((part) => [part.part_number, part]));
    const whole = [];
    for (let number = 1; number <= this.begun.part_count; number++) {
      const part = found.get(number);
      if (part && part.sha256 === (await this.digests.of(number))) {
        whole.push({ part_number: number, etag: part.etag, sha256: part.sha256 });
      } else {
        sender.lacks(number);
      }
    }
    return whole;
  }

  async #complete(parts, round, signal) {
    const sha256 = await this.digests.whole();
    signal.throwIfAborted();
    this.view.completing();
    try {
      await this.api.call("POST", `${this.place}/complete`, { signal, body: { parts, sha256 } });
      return true;
    } catch (error) {
      if (error.code === "bad_parts" && round < ROUNDS) return false; // sent anew by another tab meanwhile
      throw error;
    }
  }

  // Whether another tab, or a request whose answer was lost, has completed it.
  async #landedElsewhere(problem, signal) {
    if (!["wrong_state", "upload_gone"].includes(problem.code)) return false;
    const { state } = await this.api.call("GET", this.place, { signal });
    return !OVER.includes(state);
  }
}
