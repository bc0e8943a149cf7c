// The arithmetic of a file in parts: where each begins and ends, and sizes and times in words.

// Bytes of a part: all are `partSize` long but the last; a file of 0 bytes is one part of 0 bytes.
export function boundsOf(number, { size, partSize }) {
  const start = (number - 1) * partSize;
  return { start, end: Math.min(start + partSize, size) };
}

export const partCountOf = ({ size, partSize }) => Math.max(1, Math.ceil(size / partSize));

// `1.5 MB`, in steps of 1,024, as the server says it.
export function inWords(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit ? Number(bytes.toPrecision(3)) : bytes} ${units[unit]}`;
}

// `about 3 minutes`: never finer than anybody can foresee.
export function timeInWords(seconds) {
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return counted(Math.max(1, minutes), "minute");
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
}

const counted = (number, unit) => `about ${number} ${unit}${number === 1 ? "" : "s"}`;

// Bytes a second over the last seconds, so that a pause is soon forgotten.
export class Speed {
  #seen = [];

  constructor(seconds = 10) {
    this.seconds = seconds;
  }

  forget() {
    this.#seen = [];
  }

  // What it is now that so many bytes are there; null until it can be told.
  at(now, bytes) {
    this.#seen.push({ now, bytes });
    while (this.#seen.length > 2 && now - this.#seen[0].now > this.seconds * 1000) this.#seen.shift();
    const [first] = this.#seen;
    const passed = (now - first.now) / 1000;
    return passed < 1 ? null : Math.max(0, (bytes - first.bytes) / passed);
  }
}
