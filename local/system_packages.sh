#!/bin/sh
# Installs what the tests need of the system (Debian, Ubuntu) where it is missing, or says what to install.
set -eu

missing=""
need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need chromium chromium
need firefox-esr firefox-esr
need redis-server redis-server
need ss iproute2
need java default-jre-headless # for Spark, one of the independent readers
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || missing="$missing postgresql"

[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need these programs, which are missing:$missing" >&2
    echo "Install them (on Debian or Ubuntu: sudo apt-get install$missing) and run again." >&2
    exit 1
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A package that starts its server when installed would take a port; the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086  several packages, one word each
apt-get install -y -qq --no-install-recommends $missing >/dev/null
