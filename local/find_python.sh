#!/bin/sh
# Prints the newest Python of this machine that the service runs on, or says what is missing.
set -eu

usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if usable "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

if [ -n "${PYTHON:-}" ]; then
    found="PYTHON=$PYTHON is not one"
elif command -v python3 >/dev/null 2>&1; then
    found="this machine's python3 is $(python3 --version 2>&1)"
else
    found="this machine has no python3"
fi
cat >&2 <<MESSAGE
Data Uploader needs Python 3.11, 3.12 or 3.13 with its venv module, and $found.
Install one (on Debian or Ubuntu: apt install python3 python3-venv), or name one: make run PYTHON=/path/to/python3.12
MESSAGE
exit 1
