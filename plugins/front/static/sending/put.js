// One PUT to a signed URL. Not fetch: only XMLHttpRequest tells how much has been sent.

export const UNREACHABLE = 0;
export const STALLED = -1;
export const PAUSED = -2;

const PATIENCE = 120_000; // milliseconds without a byte sent or an answer
const SET_BY_THE_BROWSER = "content-length";

// The HTTP status and S3's error code; one of the above when there is no answer. Rejects when the upload is given up.
export function put(url, { headers, content, signal, pausing, onBytes }) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    let why = PAUSED;
    let watch = null;
    const stop = () => request.abort();
    const wait = () => {
      clearTimeout(watch);
      watch = setTimeout(() => ((why = STALLED), request.abort()), PATIENCE);
    };
    const end = (answer) => {
      clearTimeout(watch);
      signal.removeEventListener("abort", stop);
      pausing.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason);
      else resolve(answer);
    };
    request.upload.onprogress = ({ loaded }) => (wait(), onBytes(loaded));
    request.onload = () => end({ status: request.status, code: codeOf(request.responseText) });
    request.onerror = () => end({ status: UNREACHABLE });
    request.onabort = () => end({ status: why });
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() !== SET_BY_THE_BROWSER) request.setRequestHeader(name, value);
    }
    signal.addEventListener("abort", stop, { once: true });
    pausing.addEventListener("abort", stop, { once: true });
    wait();
    request.send(content);
    if (pausing.aborted) request.abort();
  });
}

const codeOf = (answer) => /<Code>(\w+)<\/Code>/.exec(answer)?.[1] ?? "";
