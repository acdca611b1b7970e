#!/bin/bash
# Makes the database at the first start from POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and
# /docker-entrypoint-initdb.d, as the official image does, then runs the server.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

make_database() {
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA"
    # Nobody misses a database whose making a power cut ends: it is not waited for the disk.
    initdb --no-sync --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --auth-local=trust --auth-host=scram-sha-256 >&2
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    pg_ctl -w -o "-c listen_addresses='' -c fsync=off" start >&2
    if [ "$database" != postgres ]; then
        createdb --username="$user" "$database"
    fi
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) . "$file" ;;
            *.sql) psql -v ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$file" >&2 ;;
        esac
    done
    pg_ctl -w -m fast stop >&2
}

if [ "${1:-}" != postgres ]; then
    exec "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    make_database
fi
shift
exec postgres -c listen_addresses='*' "$@"
