// Answers each line of standard input: gathers the facts of a file in blocks of given sizes, as the page's worker does in
// a browser, or puts the values that stayed there to findings.
import { createInterface } from "node:readline";

import { withExamples } from "../../plugins/front/static/preview/examples.js";
import { gatherFacts } from "../../plugins/front/static/preview/gather.js";

const inBlocks = async function* (bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

async function gather({ data, format, reading, blocks }) {
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  const answers = [];
  for (const size of blocks) answers.push(await gatherFacts(() => inBlocks(bytes, size), { format, reading }));
  return answers;
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = asked.findings ? withExamples(asked.findings, asked.gathered, asked.widened) : await gather(asked);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
