// Continue an upload: the same file is chosen again, compared with what has arrived, and the rest of it is sent.
import { problemOfSame } from "./sending/chosen_file.js";
import { SendingPage } from "./sending/page.js";
import { inWords } from "./sending/plan.js";

const form = document.getElementById("continue-form");
const { uploadId, filename, size, partSize, partCount } = form.dataset;
const page = new SendingPage(form);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (page.isRunning) return;
  const file = page.input.files[0];
  const wrong = problemOfSame(file, { filename, size: Number(size) }, inWords);
  if (wrong) return page.errors.show(wrong);
  const begun = { upload_id: uploadId, part_size: Number(partSize), part_count: Number(partCount) };
  page.send(file, async () => ({ begun, resumed: true }));
});
