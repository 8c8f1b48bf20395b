#!/usr/bin/env bash
# Serves the site on this machine: `make run`, with the worker beside it. An empty database gets the demonstration town
# first.
set -euo pipefail

cd "$(dirname "$0")/.."
address=127.0.0.1:${PORT:-8000}

.venv/bin/python manage.py demo --if-empty
echo "== Serving on http://$address/ (Ctrl+C stops it)"
started=()
stop() { trap - EXIT INT TERM; kill "${started[@]}" 2>/dev/null || true; wait; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What takes long is made beside the site, one at a time.
.venv/bin/python manage.py run_worker &
started+=($!)
# Threads: while one request imports a town's year of records (a minute or two), the others are answered, and the
# worker still reports to its master, which would otherwise end it after the timeout.
.venv/bin/gunicorn --bind "$address" --workers 2 --threads 4 --timeout 120 --log-level warning scoring_site.wsgi &
started+=($!)
wait "${started[1]}"
