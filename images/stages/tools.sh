#!/bin/sh
# What builds, in /build/tools: uv and hatchling from requirements-install.lock, by hash. Shared by all images.
set -eu
. /build/registries.sh
python3 -m venv /build/tools
/build/tools/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement /build/requirements-install.lock
