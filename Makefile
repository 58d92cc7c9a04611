# The project's commands. `make run` and `make test` need nothing but Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# In a checkout that others share, tests leave a core for the rest.
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: run test check format lint types imports ledger bench clean
.DEFAULT_GOAL := help

help:  ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: $(VENV)/run.stamp $(VENV)/voice.stamp  ## Start everything, with a demo organisation
	@$(BIN)/python -m frontdesk.console.assets
	@$(BIN)/frontdesk up --demo

test: $(VENV)/dev.stamp $(VENV)/voice.stamp  ## Install what tests need and run them all
	@tools/install-chromium
	@$(BIN)/python -m frontdesk.console.assets --dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: $(VENV)/dev.stamp $(VENV)/voice.stamp lint types test  ## Format, lint, types, import rules, tests

format: $(VENV)/dev.stamp  ## Format the code
	$(BIN)/ruff check --fix src tests bench
	$(BIN)/ruff format src tests bench

lint: $(VENV)/dev.stamp  ## Look for mistakes and for form
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench

types: $(VENV)/dev.stamp $(VENV)/voice.stamp  ## Check the types
	$(BIN)/basedpyright

imports: $(VENV)/dev.stamp  ## Check the direction of imports
	$(BIN)/lint-imports

bench: $(VENV)/run.stamp $(VENV)/voice.stamp  ## Measure side by side with peers, write docs/BENCHMARKS.md; BENCH=quick for less, BENCH_ONLY=webhook, =list or =voice for that alone
	@command -v wrk >/dev/null || { apt-get update -qq && apt-get install -y -qq wrk >/dev/null; }
	@$(BIN)/python -m bench

ledger: $(VENV)/run.stamp  ## Operations served, by contract
	@$(BIN)/python -m frontdesk.ledger

clean:  ## Remove what was installed
	rm -rf $(VENV) node_modules src/frontdesk/console/static/vendor

$(VENV)/run.stamp: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed.") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/voice.stamp: $(VENV)/run.stamp requirements-voice.lock
	@echo "Installing what answering calls takes …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-voice.lock
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@
