# `make` lists the targets. Everything happens in .venv; PYTHON chooses what makes it: make run PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST ?= $(BIN)/pytest -q

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgres test-browser test-deploy lint format clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' \
	| while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: $(VENV)/.runs ## serve on http://127.0.0.1:8080; the data lies in data/
	@exec $(BIN)/python manage.py serve

# Both at once, since each keeps one core busy; what they say comes when each has ended.
test: $(VENV)/.runs ## run the tests on SQLite and, if it is installed, on PostgreSQL
	@echo "The tests take some minutes; each half says how it went when it has ended."
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) test-sqlite test-postgres

test-sqlite: $(VENV)/.runs ## run the tests on SQLite
	env -u DATABASE_URL $(PYTEST)

test-postgres: $(VENV)/.runs ## run the tests on a throwaway cluster of an installed PostgreSQL
	@sh tests/postgres.sh $(PYTEST)

test-browser: $(VENV)/.lints ## run the tests that need a browser (chromium)
	$(PYTEST) -m browser

test-deploy: $(VENV)/.runs ## run the tests of deploy/ (nginx, systemd) and of reloads; the backup on both databases
	env -u DATABASE_URL $(PYTEST) -m deploy
	@sh tests/postgres.sh $(PYTEST) -m deploy tests/deploy/test_backup.py tests/drills/test_reload.py

lint: $(VENV)/.lints ## run every linter; nothing is changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/bandit -q -r todoproject todos -c pyproject.toml
	$(SCRATCH) $(BIN)/python manage.py makemigrations --check
	$(SCRATCH) $(BIN)/python manage.py check
	$(SCRATCH) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(VENV)/.lints ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and caches; data/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A storage folder beside the real one, for commands that only need settings.
SCRATCH := env -u DATABASE_URL TODOAPP_STORAGE_DIR=$(VENV)/scratch

# --- Virtual environment: each stamp is newer than the list of packages that it stands for ----------------------------

NEEDED := Python 3.11 or newer with venv is needed; name one with: make PYTHON=python3.12

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "error: there is no $(PYTHON). $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "error: $$($(PYTHON) --version 2>&1) is too old. $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "error: $(PYTHON) has no venv (Debian: apt install python3-venv). $(NEEDED)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runs: requirements.txt | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.lints: requirements-dev.txt requirements.txt | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runs

# --- Long forms: drills and benchmarks that take minutes; each needs $(VENV)/.runs or $(VENV)/.lints ------------------

.PHONY: drill-kill drill-reload soak fuzz-api fuzz-mirror fuzz-search bench-limits bench-batch bench-search bench bench-postgres bench-growth

drill-kill: $(VENV)/.runs ## kill the server under 10,000 acknowledged writes, on both databases, and count what is left
	env -u DATABASE_URL DRILL=long $(PYTEST) -s tests/drills/test_kill.py
	DRILL=long sh tests/postgres.sh $(PYTEST) -s tests/drills/test_kill.py

drill-reload: $(VENV)/.runs ## reload the server every 2 s under 8 clients, 30,000 requests on each database, and count errors
	env -u DATABASE_URL DRILL=long $(PYTEST) -s -m deploy tests/drills/test_reload.py
	DRILL=long sh tests/postgres.sh $(PYTEST) -s -m deploy tests/drills/test_reload.py

soak: $(VENV)/.runs ## let 8 writers, 4 readers and a purge work at once for 30 s, on both databases; stop PostgreSQL for a while
	env -u DATABASE_URL DRILL=long $(PYTEST) -s tests/drills/test_races.py
	DRILL=long sh tests/postgres.sh $(PYTEST) -s tests/drills/test_races.py
	DRILL=long sh tests/postgres.sh $(PYTEST) tests/test_failures_postgres.py

CASES ?= 10000
fuzz-api: $(VENV)/.lints ## let schemathesis make CASES=10000 requests against a server on each database, and one in local mode
	env -u DATABASE_URL $(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED))
	sh tests/postgres.sh $(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED))
	env -u DATABASE_URL $(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED)) --access local

fuzz-mirror: $(VENV)/.runs ## let 5,000 runs of random writers try to make a mirror differ, on both databases
	env -u DATABASE_URL MIRROR_RUNS=5000 $(PYTEST) tests/test_mirror_state_machine.py
	MIRROR_RUNS=5000 sh tests/postgres.sh $(PYTEST) tests/test_mirror_state_machine.py

fuzz-search: $(VENV)/.runs ## ask both databases 50,000 made-up questions and judge every answer
	env -u DATABASE_URL SEARCH_EXAMPLES=50000 $(PYTEST) tests/search/test_agreement.py
	SEARCH_EXAMPLES=50000 sh tests/postgres.sh $(PYTEST) tests/search/test_agreement.py

bench-limits: $(VENV)/.runs ## print what the largest requests cost in processor time and memory, on both databases
	env -u DATABASE_URL $(BIN)/python -m bench.limits
	sh tests/postgres.sh $(BIN)/python -m bench.limits

bench-batch: $(VENV)/.runs ## compare 500 creations in one batch with one alone, on both databases
	env -u DATABASE_URL $(BIN)/python -m bench.batch
	sh tests/postgres.sh $(BIN)/python -m bench.batch

ENTRIES ?= 1000000
bench-search: $(VENV)/.lints ## time searches from 1,000 to ENTRIES=1000000 entries, on both databases
	sh tests/postgres.sh $(BIN)/python -m bench.search --entries $(ENTRIES)

# BENCH takes further words: make bench BENCH="--seconds 10 --rounds 5"
bench: $(VENV)/bench/.made ## race the store against its peers on SQLite, about 10 minutes; see docs/performance.md
	env -u DATABASE_URL $(BIN)/python -m bench.speed $(BENCH)

bench-postgres: $(VENV)/bench/.made ## the same on PostgreSQL
	sh tests/postgres.sh $(BIN)/python -m bench.speed $(BENCH)

bench-growth: $(VENV)/.lints ## time every operation from 1,000 to 1,000,000 entries
	env -u DATABASE_URL $(BIN)/python -m bench.growth $(BENCH)

# The peers have an environment of their own, so that the store's stays small.
$(VENV)/bench/.made: bench/requirements.txt $(VENV)/.lints
	$(BIN)/python -m venv $(VENV)/bench
	$(VENV)/bench/bin/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@
