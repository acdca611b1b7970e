#!/bin/sh
# constraints.sh LOCK: the lock's versions without hashes, as pip's --constraint takes them; images derived from the lab's read it.
set -eu
share=/opt/uraniborg/share/uraniborg
mkdir -p "$share"
sed -nE 's/^([A-Za-z0-9._-]+==[^\\]*[^\\ ]) *\\$/\1/p' "$1" > "$share/constraints.txt"
