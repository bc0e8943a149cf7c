// Bytes that wait for the rest of their record. A record of many blocks is put together in time that grows with its length.
const NOTHING = new Uint8Array(0);

export class Waiting {
  constructor() {
    this.room = NOTHING;
    this.own = false;
    this.start = 0;
    this.end = 0;
  }

  get length() {
    return this.end - this.start;
  }

  get bytes() {
    return this.room.subarray(this.start, this.end);
  }

  // All that waits, with one more block behind it.
  and(block) {
    const length = this.length;
    if (length === 0) {
      [this.room, this.own, this.start, this.end] = [block, false, 0, block.length];
      return this.bytes;
    }
    if (block.length === 0) return this.bytes;
    if (!this.own || length + block.length > this.room.length) {
      const room = new Uint8Array(2 * (length + block.length));
      room.set(this.bytes);
      [this.room, this.own, this.start, this.end] = [room, true, 0, length];
    } else if (this.end + block.length > this.room.length) {
      this.room.copyWithin(0, this.start, this.end);
      [this.start, this.end] = [0, length];
    }
    this.room.set(block, this.end);
    this.end += block.length;
    return this.bytes;
  }

  // So many of the first were dealt with.
  past(count) {
    this.start += count;
  }

  clear() {
    [this.room, this.own, this.start, this.end] = [NOTHING, false, 0, 0];
  }
}
