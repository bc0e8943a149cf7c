// Uploads that this browser began and did not finish, by person: after a refresh or a crash they go on where they were.

const KEPT = 20;

export class Remembered {
  constructor(email) {
    this.key = `data-uploader:begun:${email}`;
  }

  // `announced`: what the API was told; only the same announcement of the same file is the same upload.
  keep(begun, file, announced) {
    const mine = { begun, modified: file.lastModified, announced: sameness(announced) };
    this.#write([mine, ...this.#read().filter((each) => each.begun.upload_id !== begun.upload_id)].slice(0, KEPT));
  }

  find(file, announced) {
    const text = sameness(announced);
    return this.#read().find((each) => each.announced === text && each.modified === file.lastModified)?.begun ?? null;
  }

  forget(uploadId) {
    this.#write(this.#read().filter((each) => each.begun.upload_id !== uploadId));
  }

  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return []; // storage is switched off, or somebody else wrote there
    }
  }

  #write(kept) {
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Without storage the way back is My uploads.
    }
  }
}

// What the check of the file added does not count: it may be skipped at one time and made at another.
const sameness = ({ columns, confirm, ...announced }) => JSON.stringify(announced);
