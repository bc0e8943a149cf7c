#!/usr/bin/env bash
# Builds the images that the composed stack is made from out of Debian packages, for machines that reach no image
# registry. Needs root, debootstrap and podman. Prints the lines for .env that make the stack use them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
read -ra flags <<<"${PODMAN_BUILD_FLAGS:-}"

debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
tar -C "$root" -c . | podman import - localhost/data-uploader-debian:bookworm

for image in node postgres redis; do
    podman build "${flags[@]}" \
        --build-arg BASE_IMAGE=localhost/data-uploader-debian:bookworm \
        --file "$here/$image.Containerfile" --tag "localhost/data-uploader-$image:bookworm" "$here"
done

cat <<'LINES'
BASE_IMAGE=localhost/data-uploader-debian:bookworm
NODE_IMAGE=localhost/data-uploader-node:bookworm
POSTGRES_IMAGE=localhost/data-uploader-postgres:bookworm
REDIS_IMAGE=localhost/data-uploader-redis:bookworm
LINES
