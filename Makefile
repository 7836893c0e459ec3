# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-full lint bench catalogues lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Turnsignal needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run ## Make the environment; leaves .venv/bin/turnsignal

demo: $(VENV)/.run ## Play three years of a made portfolio and watch the warnings arrive
	$(BIN)/turnsignal demo $(DEMO)

test: lint ## Lint, types, architecture, unit, integration and end-to-end tests
	$(BIN)/python -m pytest -m "not full" $(PYTEST)

test-full: lint ## The same and the whole of the long drills
	$(BIN)/python -m pytest $(PYTEST)

lint: $(VENV)/.dev ## ruff, mypy strict and import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Events a second against the peers, in one run
	$(BIN)/python bench/throughput.py $(BENCH)

catalogues: $(VENV)/.run ## Bring the languages' catalogues up to date with the texts in the sources
	$(BIN)/python -m docs.tools.catalogues $(LOCALE)

lock: $(VENV)/.dev ## Pin the requirements again, with hashes
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra demo --extra backtest --extra apprise --extra registry pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra demo --extra backtest --extra apprise --extra registry --extra dev pyproject.toml requirements/build.in -c requirements/run.txt -o requirements/dev.txt

clean: ## Remove the environment and the caches
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
