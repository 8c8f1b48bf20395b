#!/usr/bin/env bash
# Runs a command with DATABASE_URL pointing at a PostgreSQL of its own, which is gone afterwards:
#     .ci/with-postgres.sh make something
# The server listens on a unix socket in a new directory only. PostgreSQL refuses to run as root, so root hands it to
# the user `postgres` (or `nobody`). Durability is off: nothing here outlives the command. Whoever waits two minutes for
# a lock waits for ever: the statement fails, so that the test that hangs is named.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 2; }

find_programs() {
    local directory
    for directory in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort --reverse); do
        if [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ]; then echo "$directory"; return; fi
    done
    if command -v initdb >/dev/null && command -v postgres >/dev/null; then dirname "$(command -v initdb)"; return; fi
    echo "PostgreSQL's server is not installed (package: postgresql). 'make setup' installs it, or says whom to ask." >&2
    return 1
}

programs=$(find_programs)
directory=$(mktemp -d "${TMPDIR:-/tmp}/points-pg.XXXXXX")
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
    chown "$owner" "$directory"
    as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups)
fi

on_server() { (cd "$directory" && "${as_owner[@]}" env HOME="$directory" LC_ALL=C.UTF-8 "$@"); }

child=
tear_down() {
    trap - EXIT INT TERM
    if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; wait "$child" 2>/dev/null || true; fi
    if [ -f "$directory/data/postmaster.pid" ]; then
        on_server "$programs/pg_ctl" --pgdata=data --mode=immediate --wait stop >/dev/null 2>&1 || true
    fi
    rm -rf "$directory"
}
trap tear_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

on_server "$programs/initdb" --pgdata=data --username=points --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$directory/initdb.log" 2>&1 \
    || { cat "$directory/initdb.log" >&2; exit 1; }
on_server "$programs/pg_ctl" --pgdata=data --log=server.log --wait --timeout=60 \
    --options="-c lock_timeout=120s -c listen_addresses='' -c unix_socket_directories='$directory' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60" \
    start >/dev/null || { cat "$directory/server.log" >&2; exit 1; }
on_server "$programs/createdb" --host="$directory" --username=points points

# The suite's databases go with the server; to drop them waits for every connection (tests/demonstration.py says why not).
export PYTEST_ADDOPTS="${PYTEST_ADDOPTS:-} --reuse-db"
export DATABASE_URL="postgres://points@/points?host=$directory"
"$@" &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
