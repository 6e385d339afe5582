# Each target does its own set-up first: nothing until something has changed.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUNBUFFERED := 1
# Compiled once, not by each of the many programs that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check bench pages lock clean setup-run setup-test format

help: ## one line per target
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: setup-run ## set up, then run the whole hotline here (demo province unless HOTLINE_DEMO=0)
	@HOTLINE_DEMO=$${HOTLINE_DEMO:-1} exec $(BIN)/hotline run --with-parent

test: setup-test ## set up, then every check and test, those against real servers too
	@$(MAKE) --no-print-directory checked
	$(BIN)/pytest -n 3 --dist loadfile

check: setup-test ## the fast part of it: format, lint, types, imports, flows, fast tests
	@$(MAKE) --no-print-directory -j2 checked tried

.PHONY: tried
tried:
	HOTLINE_QUICK=1 $(BIN)/pytest -q -n 3 --dist loadfile --ignore=tests/real -m "not long"

bench: setup-test ## all benchmarks as a table, and bench.json in the runtime folder
	$(BIN)/hotline bench all

pages: setup-run ## build the browser pages anew where their sources or the API have changed

format: setup-test ## write the code in its one format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: ## renew run.lock and test.lock from pyproject.toml
	@$(PYTHON) -m setup.lock

clean: ## remove what make and the tools have made here; HOTLINE_HOME and the cache stay
	rm -rf .venv build callcenter/web/built web/node_modules web/openapi.json web/src/api/schema.d.ts *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

setup-run:
	@$(PYTHON) -m setup run

setup-test:
	@$(PYTHON) -m setup test

.PHONY: checked
checked:
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hotline check
	cd web && ../$(BIN)/node node_modules/vue-tsc/bin/vue-tsc.js --noEmit
	cd web && ../$(BIN)/node node_modules/vitest/vitest.mjs run --silent --reporter=dot
