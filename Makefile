# make run    prepare this machine and serve the site on 127.0.0.1:8000 (with a demonstration town, if there is no town yet)
# make test   prepare this machine, check the code, run the tests on SQLite and, where it can matter, on PostgreSQL
# make help   the rest

SHELL := /bin/bash
# A file's tests run in one worker: what a file makes once (the demonstration town) is made once. In tests/conftest.py's order.
PYTEST := .venv/bin/python -m pytest --dist loadfile --no-loadscope-reorder
WORKERS ?= 2
# A machine may ask Python to keep no bytecode: each worker, and each command that a test starts, would compile it all anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run check test test-sqlite test-engine test-postgres test-long bench lock materials messages

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: ## prepare this machine for running and testing: packages, .venv, secrets, translations, database
	@.ci/prepare.sh test

run: ## prepare what running needs and serve on 127.0.0.1:8000 (PORT=… for another port)
	@.ci/prepare.sh run
	@.ci/serve.sh

check: ## lint (Python, scripts, styles, templates), format, types, import direction, migrations, templates, translations, production settings
	@.ci/check.sh

test: setup ## check, then the suite on SQLite, and on PostgreSQL what a database engine can make different
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory test-sqlite
	@$(MAKE) --no-print-directory test-engine

test-sqlite: ## the suite on SQLite (ARGS=… for pytest)
	@env -u DATABASE_URL $(PYTEST) -n $(WORKERS) $(ARGS)

test-engine: ## on a PostgreSQL of its own, the tests marked engine: ledger, locks, races, imports, SQL, migrations
	@$(MAKE) --no-print-directory test-postgres ARGS="-m engine $(ARGS)"

test-postgres: ## the suite on a PostgreSQL of its own (ARGS=… for pytest)
	@.ci/with-postgres.sh $(PYTEST) -n $(WORKERS) $(ARGS)

test-long: setup ## many more examples for the property tests, the tests marked long or sweep; on PostgreSQL what an engine can change
	@LONG_TESTS=1 $(MAKE) --no-print-directory test-sqlite ARGS="-m 'long or sweep or hypothesis'"
	@LONG_TESTS=1 $(MAKE) --no-print-directory test-postgres ARGS="-m '(long or sweep) and engine'"

bench: setup ## time the big town; each figure as a ratio to its floor
	@.venv/bin/python tests/bench/bench.py

LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock: ## compile the lock files from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(LOCK) $(UPGRADE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

materials: ## write the bill of materials (CycloneDX): packages, versions, licences, hashes
	@.venv/bin/python .ci/materials.py

messages: ## bring the Chinese catalogue up to date with the texts in the sources
	@.venv/bin/python .ci/messages.py
