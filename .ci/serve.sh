#!/usr/bin/env bash
# Serves the site on this machine: `make run`. An empty database gets the demonstration town first.
set -euo pipefail

cd "$(dirname "$0")/.."
address=127.0.0.1:${PORT:-8000}

.venv/bin/python manage.py demo --if-empty
echo "== Serving on http://$address/ (Ctrl+C stops it)"
# Threads: while one request imports a town's year of records (a minute or two), the others are answered, and the
# worker still reports to its master, which would otherwise end it after the timeout.
exec .venv/bin/gunicorn --bind "$address" --workers 2 --threads 4 --timeout 120 --log-level warning scoring_site.wsgi
