// A count of something, with the lines of the first of it.
export const MAX_LISTED = 20;

export class Lines {
  constructor() {
    this.total = 0;
    this.lines = [];
  }

  add(line, listed = true) {
    this.total++;
    if (listed && this.lines.length < MAX_LISTED && !this.lines.includes(line)) this.lines.push(line);
  }
}

// A count with its first lines as the server takes it; null for nothing.
export const seen = ({ total, lines }) => (total ? { total, lines } : null);
