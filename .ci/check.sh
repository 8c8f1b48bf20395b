#!/usr/bin/env bash
# Everything that can be judged without running the tests: `make check`. Runs all of it, then names what failed.
set -uo pipefail

cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
failed=()

check() {
    local name=$1
    shift
    printf '== %s\n' "$name"
    "$@" </dev/null || failed+=("$name")
}

# What a real site sets, so that Django's own advice for production is asked of it.
as_in_production() {
    env DEBUG=false HTTPS_ONLY=true BEHIND_PROXY=true ALLOWED_HOSTS=points.example.org \
        CSRF_TRUSTED_ORIGINS=https://points.example.org SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
        python manage.py check --deploy --fail-level WARNING
}

# No package of biome for this kind of machine (see pyproject.toml) is no fault of the code.
lint_static() {
    if command -v biome >/dev/null; then biome lint --error-on-warnings; else echo "biome cannot be had here: scripts and styles are not linted."; fi
}

# mypy takes as long as all the rest: beside it.
types=$(mktemp)
trap 'rm -f "$types"' EXIT
mypy </dev/null >"$types" 2>&1 &
mypy=$!

check "ruff check" ruff check .
check "ruff format" ruff format --check .
check "imports go downwards" lint-imports
check "migrations are complete" python manage.py makemigrations --check --dry-run
check "scripts and styles" lint_static
check "styles say nothing twice" python .ci/styles.py
check "templates compile" env DJANGO_SETTINGS_MODULE=scoring_site.settings PYTHONPATH=. python .ci/compile_templates.py
check "templates are clean" djlint templates --lint --quiet
check "every text is translated" python .ci/messages.py --check
check "packages are hashed, licences known" python .ci/materials.py --check
check "ready for production" as_in_production

report_types() { wait "$mypy"; local status=$?; cat "$types"; return "$status"; }
check "mypy" report_types

if [ ${#failed[@]} -gt 0 ]; then
    printf '== FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "== All checks passed."
