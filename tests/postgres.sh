#!/bin/sh
# Run a command with DATABASE_URL set to a throwaway cluster of the installed PostgreSQL:
#     sh tests/postgres.sh .venv/bin/pytest -q
# The cluster listens on loopback only, with a password of its own, and is gone when the command ends, however it ends.
set -eu

bin=$(ls -d "$(pg_config --bindir 2>/dev/null)" /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | while read -r folder; do
    [ -x "$folder/initdb" ] && echo "$folder"
done | tail -n 1) || true
if [ -z "$bin" ]; then
    echo "PostgreSQL is not installed, so the tests on PostgreSQL were not run."
    exit 0
fi

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then su -s /bin/sh "$user" -c '"$@"' -- sh "$@"; else "$@"; fi
}
user=nobody
if id postgres >/dev/null 2>&1; then user=postgres; fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/todo-postgres.XXXXXX")
finish() {
    code=$?
    trap - EXIT
    as_postgres "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
    exit "$code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >"$folder/password"
if [ "$(id -u)" = 0 ]; then chown -R "$user" "$folder"; fi
# Letters of all scripts must count as letters for the index of trigrams.
locale=$(locale -a 2>/dev/null | grep -ixE 'c\.utf-?8' | head -n 1) || true
as_postgres "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" -E UTF8 \
    ${locale:+"--locale=$locale"} >"$folder/log" || { cat "$folder/log" >&2; exit 1; }

# Durability stays as it is in production: tests kill servers and count what is left.
options="-c listen_addresses=127.0.0.1 -c max_connections=200 -k $folder/data"
for try in 1 2 3 4 5 6 7 8 9; do
    port=$((20000 + ($$ * 10 + try) % 12000))
    if as_postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -o "$options -p $port" start >/dev/null 2>&1
    then
        DATABASE_URL="postgres://postgres:$password@127.0.0.1:$port/postgres"
        export DATABASE_URL
        "$@"
        exit
    fi
done
cat "$folder/data/log" >&2
echo "error: PostgreSQL ($bin) could not be started; see the lines above." >&2
exit 1
