#!/bin/sh
# Says plainly that Node.js is missing or too old; the pages' styles and scripts are installed with it.
set -eu

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "Data Uploader needs Node.js 18 or later with npm, which this machine does not have." >&2
    echo "Install it (on Debian or Ubuntu: apt install nodejs npm)." >&2
    exit 1
fi
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then
    echo "Data Uploader needs Node.js 18 or later, and this machine's is $(node --version)." >&2
    exit 1
fi
