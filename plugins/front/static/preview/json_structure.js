// Where the elements of a JSON array end, as include/conversion/json_scan.py finds them: nothing is said of what is in them.
const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c;
const DEPTH = new Int8Array(256);
for (const open of "[{") DEPTH[open.charCodeAt(0)] = 1;
for (const close of "]}") DEPTH[close.charCodeAt(0)] = -1;

export class Structure {
  constructor() {
    this.at = 0; // how far the bytes were looked at
    this.depth = 0;
    this.inside = false; // a string
    this.escaped = false;
    this.commas = []; // offsets, of those between elements
    this.closed = -1; // offset of the bracket that ends it all
  }

  // Goes on to the end of what there is, or to the bracket with which the depth falls to `last`.
  feed(data, last) {
    const size = data.length;
    let { at, depth, inside, escaped } = this;
    for (; at < size && this.closed < 0; at++) {
      const byte = data[at];
      if (byte === BACKSLASH) {
        escaped = !escaped;
        continue;
      }
      if (byte === QUOTE) {
        if (!escaped) inside = !inside;
      } else if (!inside) {
        if (byte === COMMA) {
          if (depth === 0) this.commas.push(at);
        } else if (DEPTH[byte] !== 0) {
          depth += DEPTH[byte];
          if (depth <= last) this.closed = at;
        }
      }
      escaped = false;
    }
    Object.assign(this, { at, depth, inside, escaped });
  }

  // So many of the first bytes are gone.
  past(count) {
    this.at -= count;
    this.commas = [];
  }
}
