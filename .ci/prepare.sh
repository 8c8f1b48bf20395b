#!/usr/bin/env bash
# Makes this machine able to run (`.ci/prepare.sh run`) or to test (`.ci/prepare.sh test`) the site: system packages,
# .venv with the locked dependencies, secrets, translations, database, static files. Says what it installs. Doing it
# again is quick: what is there already stays.
set -euo pipefail

purpose=${1:-test}
cd "$(dirname "$0")/.."

say() { printf '== %s\n' "$*"; }

# --- system packages -------------------------------------------------------------------------------------------------

as_root=()
may_install=yes
if ! command -v apt-get >/dev/null; then
    may_install=no
elif [ "$(id -u)" -ne 0 ]; then
    # With a terminal sudo may ask for the password; without one it must not.
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then as_root=(sudo); else may_install=no; fi
fi

lists_updated=no
update_lists() {
    [ "$may_install" = yes ] && [ "$lists_updated" = no ] || return 0
    lists_updated=yes
    "${as_root[@]}" apt-get update -qq || say "apt-get update failed; trying with the package lists that are there"
}

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
is_offered() { [[ $(LC_ALL=C apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[!\(]* ]]; }

# install_missing PURPOSE-TEXT PACKAGE...: the first name of an a|b alternative that is installed or offered counts.
install_missing() {
    local purpose_text=$1 alternatives name chosen wanted=() unknown=()
    shift
    for alternatives in "$@"; do
        chosen=
        for name in ${alternatives//|/ }; do
            if is_installed "$name"; then chosen=installed; break; fi
        done
        [ "$chosen" = installed ] && continue
        update_lists
        for name in ${alternatives//|/ }; do
            if is_offered "$name"; then chosen=$name; break; fi
        done
        if [ -n "$chosen" ]; then wanted+=("$chosen"); else unknown+=("${alternatives//|/ or }"); fi
    done
    [ ${#unknown[@]} -eq 0 ] || say "This system offers no package named ${unknown[*]} ($purpose_text). Going on without."
    [ ${#wanted[@]} -gt 0 ] || return 0
    if [ "$may_install" = yes ]; then
        say "Installing ($purpose_text): ${wanted[*]}"
        if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" </dev/null >"$log" 2>&1; then
            return 0
        fi
        tail -n 15 "$log" >&2
    fi
    say "Could not install ($purpose_text): ${wanted[*]}. Ask your administrator to run:"
    say "    apt-get install --no-install-recommends ${wanted[*]}"
    say "Going on; what needs these packages will fail until they are there."
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# --- Python ----------------------------------------------------------------------------------------------------------

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if [ ! -x .venv/bin/python ] && ! find_python >/dev/null; then
    install_missing "Python with venv" python3 python3-venv
    # The system's own python3 is older than 3.11: take the newest beside it.
    find_python >/dev/null || install_missing "Python 3.11 or newer" "python3.13-venv|python3.12-venv|python3.11-venv"
    find_python >/dev/null || { say "Python 3.11 or newer with its venv module is needed, and could not be had here."; exit 1; }
fi

install_missing "PDF and Chinese type" libpango-1.0-0 libpangoft2-1.0-0 "libharfbuzz-subset0|libharfbuzz0b" fontconfig fonts-noto-cjk
install_missing "translations" gettext
if [ "$purpose" = test ]; then
    install_missing "PostgreSQL for the tests" postgresql
    install_missing "PDF texts read by the tests" poppler-utils
    # The shell draws the same pages with half the work; a browser that is there already does too.
    if ! command -v "${CHROMIUM:-chromium}" >/dev/null && ! command -v google-chrome >/dev/null; then
        install_missing "browser for the tests" "chromium-headless-shell|chromium|chromium-browser"
    fi
fi

# --- locked dependencies: installed again only when their lock changes -------------------------------------------------

if [ ! -x .venv/bin/python ]; then
    say "Making .venv with $(find_python)"
    "$(find_python)" -m venv .venv
fi

# install_locked LOCK: the stamp in .venv is the lock as it was when it was installed.
install_locked() {
    cmp -s "$1" ".venv/$1" && return 0
    say "Installing the packages of $1 (hashes checked)"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes --requirement "$1" </dev/null
    cp "$1" ".venv/$1"
}
if [ "$purpose" = test ]; then
    install_locked requirements-dev.lock
    cp requirements.lock .venv/requirements.lock
else
    install_locked requirements.lock
fi

# --- the site itself -------------------------------------------------------------------------------------------------

.venv/bin/python -m scoring_site.secrets

if command -v msgfmt >/dev/null; then
    for catalogue in locale/*/LC_MESSAGES/django.po; do
        if [ -f "$catalogue" ]; then msgfmt --check-format --output-file="${catalogue%.po}.mo" "$catalogue"; fi
    done
else
    say "gettext is missing: the site will speak English only."
fi

mkdir -p -m 700 var
.venv/bin/python manage.py migrate --verbosity=0
.venv/bin/python manage.py collectstatic --noinput --verbosity=0
say "Ready."
