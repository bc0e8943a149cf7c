// Answers one question on standard input with the page's own modules: how a file is cut, or how its parts are sent.
import { readFileSync } from "node:fs";

import { problemOf } from "../../plugins/front/static/sending/chosen_file.js";
import { PartSender } from "../../plugins/front/static/sending/parts.js";
import { boundsOf, inWords, partCountOf, timeInWords } from "../../plugins/front/static/sending/plan.js";
import { Gate } from "../../plugins/front/static/sending/gate.js";
import { Session } from "../../plugins/front/static/sending/session.js";

const asked = JSON.parse(readFileSync(0, "utf8"));

const cut = (files) =>
  files.map(({ size, partSize }) => {
    const count = partCountOf({ size, partSize });
    return { count, first: boundsOf(1, { size, partSize }), last: boundsOf(count, { size, partSize }) };
  });

// A store that answers each PUT with the next of the statuses that its part has, and 200 afterwards.
function storeOf(answers) {
  const puts = [];
  globalThis.XMLHttpRequest = class {
    upload = {};
    responseText = "";
    open(_method, url) {
      this.url = url;
    }
    setRequestHeader(name, value) {
      this.sums = { ...this.sums, [name]: value };
    }
    send(content) {
      const [number, signing] = this.url.split("/").map(Number);
      this.status = answers[number]?.shift() ?? 200;
      puts.push({ number, signing, bytes: content.size, status: this.status, headers: this.sums });
      setTimeout(() => (this.status ? this.onload() : this.onerror()));
    }
    abort() {
      this.onabort();
    }
  };
  return puts;
}

async function send({ size, partSize, there, answers, read }) {
  globalThis.window = new EventTarget();
  const puts = storeOf(answers);
  const signings = [];
  const partCount = partCountOf({ size, partSize });
  const digests = { of: async (number) => `sum ${number}`, has: (number) => number <= read };
  const api = {
    light: () => {},
    dark: () => setTimeout(() => window.dispatchEvent(new Event("online"))),
    call: async (_method, _path, { body: { parts } }) => {
      signings.push(parts);
      const signed = parts.map(({ part_number, sha256 }) => ({
        part_number,
        url: `${part_number}/${signings.length}`,
        headers: { "Content-Length": "1", "x-amz-checksum-sha256": sha256 },
      }));
      return { parts: signed, expires_in: 3600 };
    },
  };
  let shown = 0;
  const onBytes = (bytes) => (shown = bytes);
  const file = new Blob([new Uint8Array(size)]);
  const sender = new PartSender(file, { place: "", partSize, partCount, api, gate: new Gate(), digests, onBytes });
  there.forEach((number) => sender.has(number));
  let failed = null;
  await sender.send(new AbortController().signal).catch((error) => (failed = { name: error.constructor.name, said: error.message }));
  return { signings, puts, shown, failed };
}

// What the page says of files of these names, given what its form and its error summary have.
function problems({ names, given, errors }) {
  globalThis.document = { getElementById: (id) => (id === "upload-errors" ? { dataset: errors } : null) };
  return names.map((name) => problemOf({ name, size: 1 }, given));
}

// What the page asks while it waits for its person to sign in again.
async function renew() {
  const headers = [];
  globalThis.fetch = async (_url, asked) => {
    headers.push(asked.headers);
    return { ok: true, json: async () => ({ email: "analyst@example.org", csrf: "new" }) };
  };
  const session = new Session({ email: "analyst@example.org", csrf: "old", url: "session", gate: new Gate() });
  await session.renew();
  return { headers, csrf: session.csrf };
}

const answer = {
  problems: () => problems(asked),
  cut: () => cut(asked.files),
  words: () => ({ sizes: asked.sizes.map(inWords), times: asked.seconds.map(timeInWords) }),
  send: () => send(asked),
  renew,
};
process.stdout.write(JSON.stringify(await answer[asked.what]()));
