#!/bin/sh
# The project's own wheel, built without a network and laid out under /wheel as it will lie in the image. The same for all images.
set -eu
cd /build/source
/build/tools/bin/hatchling build --target wheel --directory /build/dist
# Scripts get the interpreter that they will have in the image.
python3 -m venv --without-pip /opt/uraniborg
/build/tools/bin/uv pip install --quiet --offline --no-deps --no-cache --python /opt/uraniborg/bin/python \
    --prefix /wheel/opt/uraniborg /build/dist/*.whl
python3 /build/slim.py /wheel/opt/uraniborg --built-under /wheel
