#!/bin/sh
# What a base needs before it carries an environment: an init, a compiled standard library, the user, PATH in login shells.
set -eu

# Process 1 must reap what terminals leave behind, and end on SIGTERM what has no handler of its own; the portal locks its
# queries' processes in with libseccomp, which is there wherever apt is.
absent=""
command -v tini >/dev/null || absent="tini"
ldconfig -p | grep -q 'libseccomp\.so' || absent="$absent libseccomp2"
if [ -n "$absent" ]; then
    if ! command -v apt-get >/dev/null; then
        echo "This base has no apt-get, and lacks: $absent. Take a base that holds them, or derive one." >&2
        exit 1
    fi
    apt-get update --quiet=2
    # Names without spaces: splitting is meant.
    apt-get install --quiet=2 --yes --no-install-recommends $absent
    rm -rf /var/lib/apt/lists/*
fi

# Some bases ship the standard library uncompiled; on a read-only root every start would compile it anew.
library=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
python3 -m compileall -q -j 0 -x '/(test|tests|idlelib|lib2to3|turtledemo|ensurepip|[a-z]+-packages)/' "$library"

# A name for the fixed id. Files belong to root and are readable by all, so any id of group 0 runs as well.
grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'uraniborg:x:1000:0:Uraniborg:/home/uraniborg:/bin/bash' >> /etc/passwd
mkdir -p /home/uraniborg
chown 1000:0 /home/uraniborg
chmod 0770 /home/uraniborg

# Terminals are login shells, which set PATH anew.
mkdir -p /etc/profile.d
echo 'PATH=/opt/uraniborg/bin:$PATH' > /etc/profile.d/uraniborg.sh
