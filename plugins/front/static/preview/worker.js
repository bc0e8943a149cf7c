// Reads a file in a thread of its own, so that the page goes on answering.
import { BLOCK_BYTES } from "./csv.js";
import { gatherFacts } from "./gather.js";

const REPORT_EVERY = 200; // milliseconds

// Blocks of a file; the next one is fetched while one is looked at.
async function* blocksOf(file) {
  const fetched = (at) => file.slice(at, at + BLOCK_BYTES).arrayBuffer();
  let ahead = file.size ? fetched(0) : null;
  for (let at = BLOCK_BYTES; ahead; at += BLOCK_BYTES) {
    const block = await ahead;
    ahead = at < file.size ? fetched(at) : null;
    yield new Uint8Array(block);
  }
}

// Blocks of what a gzip file holds.
async function* unpackedBlocksOf(file) {
  const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  let block = new Uint8Array(BLOCK_BYTES), filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    for (let at = 0; value && at < value.length; ) {
      const piece = value.subarray(at, at + BLOCK_BYTES - filled);
      block.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < BLOCK_BYTES) continue;
      yield block;
      [block, filled] = [new Uint8Array(BLOCK_BYTES), 0];
    }
    if (done) break;
  }
  if (filled) yield block.subarray(0, filled);
}

self.addEventListener("message", async ({ data: { file, format, zipped, reading } }) => {
  let reported = 0;
  const onBytes = (bytes) => {
    if (performance.now() - reported < REPORT_EVERY) return;
    reported = performance.now();
    self.postMessage({ bytes });
  };
  try {
    const open = () => (zipped ? unpackedBlocksOf(file) : blocksOf(file));
    self.postMessage({ gathered: await gatherFacts(open, { format, reading, onBytes }) });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
