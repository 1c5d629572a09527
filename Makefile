# Everything is installed into .venv, once; it is done again when a lock file or pyproject.toml changes.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: help demo test nightly chaos check lint format coverage bench docs lock upgrade clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(RUNTIME) ## run the gateway against its simulated vendors, without any credentials
	@$(BIN)/gateway demo

test: $(DEV) ## run every test
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

nightly: $(DEV) ## test expressions against jmespath's interpreter, ten times as long as `make test`
	@$(BIN)/python -m pytest tests/expressions --hypothesis-profile=nightly --durations=5

chaos: $(DEV) ## prove that orders are delivered once, while gateways are killed (about 8 minutes)
	@$(BIN)/python -m chaos.proof --storage sqlite
	@$(BIN)/python -m chaos.proof --storage postgres

check: lint test ## lint, types, imports and every test

lint: $(DEV) ## lint, formatting, types, imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(DEV) ## format the code, and mend what the linter can mend
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format
	@$(BIN)/gateway fmt

coverage: $(DEV) ## run every test and show the lines that none reaches
	@$(BIN)/python -m pytest --cov --cov-report=term

bench: $(DEV) ## measure; with WRITE=1 also into docs/performance.md
	@$(BIN)/python -m bench $(if $(WRITE),--write)

docs: $(DEV) ## write the pages and editor schemas that the code can write about itself
	@$(BIN)/python scripts/reference.py

# The oldest Python needs the most packages, so a lock made with it serves the newer ones too.
lock: $(DEV) ## write both lock files anew, keeping what is pinned where pyproject.toml allows it
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Lock with the oldest Python: make clean, then make lock PYTHON=python3.11")'
	@CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) -o requirements.lock pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

upgrade: FRESH := --upgrade
upgrade: lock ## write both lock files anew, with the newest releases

clean: ## remove what was installed and cached
	@rm -rf $(VENV) bench/peers/node/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

# Hashes instead of addresses: where packages come from is the machine's business.
COMPILE = $(BIN)/pip-compile -q $(FRESH) --generate-hashes --no-strip-extras --allow-unsafe \
	--build-deps-for=editable --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

$(RUNTIME): requirements.lock pyproject.toml scripts/install.sh
	@scripts/install.sh $(VENV) requirements.lock
	@touch $@

# The wheels are kept for the test that assembles the image's content with the network cut off.
$(DEV): requirements.lock requirements-dev.lock pyproject.toml scripts/install.sh
	@scripts/install.sh $(VENV) requirements-dev.lock
	@rm -rf $(VENV)/wheels
	@$(BIN)/python -m pip --disable-pip-version-check -qq download --require-hashes -r requirements.lock -d $(VENV)/wheels
	@touch $@
