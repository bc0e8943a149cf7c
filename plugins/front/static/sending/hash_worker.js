// Reads a file once from its first byte to its last, part after part, and tells the SHA-256 of each part and of all.
import { sha256 } from "../vendor/noble-hashes/sha2.js";

const NATIVE_MAX = 64 * 1024 ** 2; // bytes: a larger part is not held in memory
const CHUNK = 4 * 1024 ** 2;

let upTo = 0; // the last part that anybody has asked for
let asked = () => {};

self.onmessage = ({ data }) => {
  if (data.file) return read(data);
  upTo = Math.max(upTo, data.upTo);
  asked();
};

async function read({ file, partSize, partCount }) {
  const whole = sha256.create();
  try {
    for (let number = 1; number <= partCount; number++) {
      while (number > upTo) await new Promise((resolve) => (asked = resolve));
      const start = (number - 1) * partSize;
      const digest = await digestOf(file.slice(start, Math.min(start + partSize, file.size)), whole);
      self.postMessage({ number, sha256: btoa(String.fromCharCode(...digest)) });
    }
    const digest = [...whole.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    self.postMessage({ whole: digest });
  } catch (error) {
    self.postMessage({ failed: String(error) }); // the file was changed, moved or cannot be read
  }
}

// The browser's own SHA-256 is many times faster, but takes a part at once, and only pages served over HTTPS have it.
async function digestOf(part, whole) {
  if (self.crypto?.subtle && part.size <= NATIVE_MAX) {
    const bytes = new Uint8Array(await part.arrayBuffer());
    const native = self.crypto.subtle.digest("SHA-256", bytes);
    whole.update(bytes);
    return new Uint8Array(await native);
  }
  const own = sha256.create();
  for (let start = 0; start < part.size; start += CHUNK) {
    const bytes = new Uint8Array(await part.slice(start, start + CHUNK).arrayBuffer());
    own.update(bytes);
    whole.update(bytes);
  }
  return own.digest();
}
