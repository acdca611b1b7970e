# Sourced by the stages that fetch: pip, uv and npm obey what the building machine mounts as secrets, each where it is there:
# `certificates` (a bundle of certificate authorities), `pip.conf`, `npmrc`. Nothing of them stays in an image.
secrets=/run/secrets

if [ -s "$secrets/certificates" ]; then
    export SSL_CERT_FILE="$secrets/certificates" PIP_CERT="$secrets/certificates" npm_config_cafile="$secrets/certificates"
fi
if [ -s "$secrets/npmrc" ]; then
    export npm_config_userconfig="$secrets/npmrc"
fi
if [ -s "$secrets/pip.conf" ]; then
    export PIP_CONFIG_FILE="$secrets/pip.conf"
fi

# uv reads no pip.conf. `uv_from_pip VARIABLE key` gives it pip's value, if pip has one.
uv_from_pip() {
    found=$(/build/tools/bin/python -m pip config get "global.$2" 2>/dev/null | tr '\n' ' ') || true
    if [ -n "$found" ]; then
        export "$1=${found% }"
    fi
}

pip_settings_for_uv() {
    uv_from_pip UV_DEFAULT_INDEX index-url
    uv_from_pip UV_INDEX extra-index-url
    uv_from_pip UV_FIND_LINKS find-links
    uv_from_pip UV_INSECURE_HOST trusted-host
}
