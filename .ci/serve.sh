#!/usr/bin/env bash
# Serves the site on this machine: `make run`. An empty database gets the demonstration town first.
set -euo pipefail

cd "$(dirname "$0")/.."
address=127.0.0.1:${PORT:-8000}

.venv/bin/python manage.py demo --if-empty
echo "== Serving on http://$address/ (Ctrl+C stops it)"
exec .venv/bin/gunicorn --bind "$address" --workers 2 --timeout 120 --log-level warning scoring_site.wsgi
