#!/bin/sh
# environment.sh LOCK LEFT-OUT: installs a lock into /opt/uraniborg, every package by hash and none built here, but those left out.
set -eu
. /build/registries.sh
pip_settings_for_uv
export UV_LINK_MODE=copy
/build/tools/bin/uv pip install --quiet --no-deps --no-build --require-hashes --python /opt/uraniborg/bin/python \
    --requirement "$1" --excludes "$2"
