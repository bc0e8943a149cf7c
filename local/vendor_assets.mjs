// Copies what the pages use of each npm package to plugins/front/static/vendor/, so that no page needs another host.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vendor = join(root, "plugins", "front", "static", "vendor");

// package: [file or folder in the package, where below vendor/<package>/], a scope written with a dash
const wanted = {
  "@noble/hashes": [
    ...["sha2.js", "_md.js", "_u64.js", "utils.js"].map((file) => [file, file]),
    ["LICENSE", "LICENSE"],
    ["README.md", "README.md"],
  ],
  "govuk-frontend": [
    ["dist/govuk/govuk-frontend.min.css", "govuk-frontend.min.css"],
    ["dist/govuk/govuk-frontend.min.js", "govuk-frontend.min.js"],
    ["dist/govuk/assets/images", "assets/images"],
    ["README.md", "README.md"],
  ],
};

// The front is not at the root of its host, and GDS Transport is licensed to service.gov.uk alone.
function forAnyHost(css) {
  return css
    .replaceAll(/@font-face\s*\{[^}]*\}/g, "")
    .replaceAll("url(/assets/", "url(assets/")
    .replace(/\/\*# sourceMappingURL=.*?\*\//, "");
}

rmSync(vendor, { recursive: true, force: true });
for (const [name, copies] of Object.entries(wanted)) {
  const folder = join(root, "node_modules", name);
  const target = join(vendor, name.replace("@", "").replace("/", "-"));
  for (const [from, to] of copies) {
    const copy = join(target, to);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(folder, from), copy, { recursive: true });
    if (to.endsWith(".css")) writeFileSync(copy, forAnyHost(readFileSync(copy, "utf8")));
  }
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  writeFileSync(join(target, "VERSION"), `${version}\n`);
}
