# One command surface: `make` shows what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ADDRESS ?= 127.0.0.1:8000
# The first Python of the machine that is new enough.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$name; break; fi; done)
endif
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Many tests wait for processes of their own: half as many more than the machine has cores.
AT_ONCE := $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))
OURS := finsam budgets applications boards tests benchmarks

# A mark's name holds the hash of the lock it was made from: an unchanged lock is not read again.
hash = $(shell git hash-object $(1) 2>/dev/null || cksum < $(1) | tr -d ' ')
RUN_MARK := .venv/.for-run-$(call hash,requirements.txt)
TEST_MARK := .venv/.for-test-$(call hash,requirements-dev.txt)
NPM_RUN_MARK := node_modules/.for-run-$(call hash,package-lock.json)
NPM_TEST_MARK := node_modules/.for-test-$(call hash,package-lock.json)
# The locks are whole: nothing is looked for beside them.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input -qq --require-hashes --no-deps
NPM := npm ci --no-progress --loglevel=error

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Use --------------------------------------------------------------------------------------

.PHONY: run
run: export DEBUG := 1
run: export LOG_LEVEL ?= WARNING
run: export SITE_URL := http://$(ADDRESS)
run: machine-for-run $(RUN_MARK) $(NPM_RUN_MARK) ## Set up, load the demo and serve http://127.0.0.1:8000 with background work
	@$(MANAGE) migrate --verbosity 0 --skip-checks
	@$(MANAGE) demo --background --skip-checks
	@$(MANAGE) serve --address $(ADDRESS)

# --- Trust ------------------------------------------------------------------------------------

.PHONY: test
test: machine-for-test $(TEST_MARK) $(NPM_TEST_MARK) ## Run everything: linters, types, floors, migrations and all tests, on SQLite and files
	@$(MAKE) --jobs 2 --output-sync example-for-tests check tests-compiled
	$(BIN)/pytest -q -m "alone and not nightly" tests/races
	$(BIN)/pytest -q -m "not alone and not nightly" -n $(AT_ONCE) --dist worksteal

# What each process of the tests would else make for itself, or wait for, is made beside the checks.
.PHONY: example-for-tests tests-compiled
example-for-tests: $(TEST_MARK)
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.example

tests-compiled: $(TEST_MARK)
	$(BIN)/pytest -qq --collect-only | tail -n 3

.PHONY: test-services
test-services: machine-for-test $(TEST_MARK) ## Run the tests against DATABASE_URL and BROKER_URL, without the browser journeys
	$(BIN)/pytest -q -m "not journey and not nightly" -n $(AT_ONCE) --dist worksteal

.PHONY: nightly
nightly: machine-for-test $(TEST_MARK) $(NPM_TEST_MARK) ## Run the tests that take longer than a change can wait for
	NIGHTLY=1 $(BIN)/pytest -q -m nightly

.PHONY: mutations
# ONLY="boards/votes.py boards/quorum.py" changes these alone.
mutations: machine-for-test $(TEST_MARK) ## Change the rules of meetings bit by bit; a test must fail each time (an hour)
	$(BIN)/python -m tests.mutations $(ONLY)

.PHONY: benchmarks
benchmarks: machine-for-test $(TEST_MARK) ## Measure what must be fast, each beside a bare floor; figures in benchmarks/results
	$(BIN)/python -m benchmarks

.PHONY: check
check: $(TEST_MARK) $(NPM_TEST_MARK) ## Linters, formats, types, import floors and missing migrations
	$(BIN)/ruff check $(OURS) manage.py
	$(BIN)/ruff format --check $(OURS) manage.py
	find templates -name '*.html' -print0 | xargs -0r $(BIN)/djade --check --target-version 5.2
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy $(OURS) manage.py
	DJANGO_SETTINGS_MODULE=tests.settings $(MANAGE) makemigrations --check --dry-run

.PHONY: format
format: $(TEST_MARK) ## Format code and templates
	$(BIN)/ruff check --fix-only --quiet $(OURS) manage.py
	$(BIN)/ruff format $(OURS) manage.py
	find templates -name '*.html' -print0 | xargs -0r $(BIN)/djade --target-version 5.2

.PHONY: lock
LOCKED := --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links
lock: ## Compile the lists of packages after a change in pyproject.toml (needs uv)
	uv pip compile pyproject.toml -q $(LOCKED) -o requirements.txt
	uv pip compile pyproject.toml -q --extra dev $(LOCKED) -o requirements-dev.txt

# --- What the two need ------------------------------------------------------------------------

.PHONY: python machine-for-run machine-for-test
python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer was not found. On Debian 12: sudo apt-get install python3 python3-venv" >&2; exit 1; }

machine-for-run machine-for-test: machine-for-%: | python
	@$(PYTHON) -I finsam/machine.py $*

$(BIN)/python: | python
	@$(PYTHON) -I finsam/machine.py run
	$(PYTHON) -m venv .venv

$(RUN_MARK): | $(BIN)/python
	@echo "Installing the portal's Python packages (a minute, the first time) …"
	@$(PIP) -r requirements.txt
	@rm -f .venv/.for-run-* && touch $@

$(TEST_MARK): | $(BIN)/python
	@echo "Installing Python packages, those of the tests too …"
	@$(PIP) -r requirements-dev.txt
	@rm -f .venv/.for-* && touch $@ $(RUN_MARK)

$(NPM_RUN_MARK): | machine-for-run
	@echo "Installing styles, icons and fonts …"
	@$(NPM) --omit=dev
	@touch $@

$(NPM_TEST_MARK): | machine-for-run
	@echo "Installing styles, icons, fonts and axe-core …"
	@$(NPM)
	@touch $@ $(NPM_RUN_MARK)
