// A page that sends a file: its form, its progress, Pause, Cancel, and what happens when sending ends.
import { Api, Problem } from "./api.js";
import { FileChanged } from "./digests.js";
import { FormErrors } from "./form_errors.js";
import { Gate } from "./gate.js";
import { Remembered } from "./remembered.js";
import { OtherFile, Sending } from "./sending.js";
import { Session } from "./session.js";
import { View } from "./view.js";

const CANCELLED = "The upload was cancelled. Nothing was added to the table.";
const element = (id) => document.getElementById(id);

export class SendingPage {
  #running = null; // { controller, uploadId, file }
  #leftOver = null; // the id of an upload that another file was chosen for

  constructor(form, { inputOf = () => null } = {}) {
    const { api, csrf, email, session } = form.dataset;
    this.given = form.dataset;
    this.inputOf = inputOf;
    this.gate = new Gate();
    this.session = new Session({ email, csrf, url: session, gate: this.gate });
    this.api = new Api(api, { session: this.session, gate: this.gate });
    this.view = new View(form, { gate: this.gate, session: this.session });
    this.remembered = new Remembered(email);
    this.input = element("file");
    this.errors = new FormErrors(form, {
      summary: element("upload-errors"),
      notice: element("upload-notice"),
      input: this.input,
    });
    element("cancel-button").addEventListener("click", () =>
      this.#running?.controller.abort(new DOMException("cancelled", "AbortError")),
    );
    element("abandon-button").addEventListener("click", () => this.#abandon());
    window.addEventListener("beforeunload", (event) => this.#running && event.preventDefault());
  }

  get isRunning() {
    return this.#running !== null;
  }

  // `begin` gives what the API says of the upload, and whether parts of it are there: { begun, resumed }.
  async send(file, begin) {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running = { controller, uploadId: null };
    this.errors.clear();
    this.#offerToAbandon(null);
    this.view.show(true);
    try {
      const { begun, resumed } = await begin(signal);
      this.#running.uploadId = begun.upload_id;
      signal.throwIfAborted();
      const { api, gate, view } = this;
      await new Sending(file, begun, { api, gate, view }).run(signal, { resumed });
      this.remembered.forget(begun.upload_id);
      this.#running = null;
      window.location.assign(this.given.complete.replace("UPLOAD_ID", begun.upload_id));
    } catch (error) {
      controller.abort(error);
      await this.#ended(error);
    }
  }

  async #ended(error) {
    const { uploadId } = this.#running;
    if (error.name === "AbortError") await this.#cancel(uploadId);
    this.#running = null;
    for (const reason of this.gate.reasons) this.gate.open(reason);
    this.view.show(false);
    this.#tell(error, uploadId);
    this.#offerToAbandon(error instanceof OtherFile || error instanceof FileChanged ? uploadId : null);
  }

  #offerToAbandon(uploadId) {
    this.#leftOver = uploadId;
    element("upload-begun").hidden = !uploadId;
  }

  async #abandon() {
    const uploadId = this.#leftOver;
    try {
      await this.api.call("DELETE", `/uploads/${uploadId}`, { patient: false });
    } catch (error) {
      return this.errors.show(error instanceof Problem ? error.message : "The upload could not be cancelled. Try again.");
    }
    this.remembered.forget(uploadId);
    this.#offerToAbandon(null);
    this.errors.clear();
    this.errors.showNotice(CANCELLED);
  }

  async #cancel(uploadId) {
    if (!uploadId) return;
    this.view.cancelling();
    this.remembered.forget(uploadId);
    // What cannot be told to the service now expires there by itself.
    await this.api.call("DELETE", `/uploads/${uploadId}`, { patient: false }).catch(() => {});
  }

  // Something has changed since the page was loaded: the page that asks about a table tells whose it is.
  #askAboutTable(asked) {
    if (asked?.reasons.some(({ code }) => code === "not_used_before")) {
      return window.location.assign(this.given.confirmTable);
    }
    this.errors.show("The columns of the file are unlike those of the table. Nothing was uploaded. Choose the file again to see how they differ, and confirm that it belongs in this table");
  }

  #tell(error, uploadId) {
    if (error.name === "AbortError") {
      return this.errors.showNotice(CANCELLED);
    }
    if (error instanceof OtherFile) {
      this.remembered.forget(uploadId);
      return this.errors.show(`The selected file is not the one that was begun: its content differs from what has arrived. ${this.given.otherFile}`);
    }
    if (error instanceof FileChanged) {
      return this.errors.show(
        "The selected file was changed or moved, or could not be read, while it was sent. Nothing was added to the table. Select the file again: if it is still the same, the upload goes on where it stopped",
      );
    }
    if (error instanceof Problem && error.code === "confirm_needed") return this.#askAboutTable(error.confirm);
    if (error instanceof Problem) {
      if (["wrong_state", "upload_gone", "upload_not_found"].includes(error.code)) this.remembered.forget(uploadId);
      return this.errors.show(error.message, this.inputOf(error.field) ?? this.input);
    }
    console.error(error);
    this.errors.show("The file was not uploaded: something went wrong in this page. Load it again and try again");
  }
}
