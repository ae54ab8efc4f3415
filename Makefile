# What one can do here. Each target works on a fresh clone; everything is installed into .venv.
.DEFAULT_GOAL := help
.PHONY: help demo test soak login lint format bench manifest build clean

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo $$p && break; done)
BIN := .venv/bin
# pip repeats what the build backend thinks of editable installs; nobody here needs to know.
INSTALL = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet

help: ## say what one can do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

demo: .venv/host ## file a bug from a failing test into a local Jira, and find it again
	$(BIN)/vantage-jira demo

test: .venv/dev ## run the tests
	$(BIN)/pytest -n auto -m "not soak"

soak: .venv/dev ## run the long tests
	$(BIN)/pytest -m soak

lint: .venv/dev ## check style, types, and which room imports which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

login: .venv/dev ## keep one login under many workers and kills for 20 minutes, and write docs/lost-login.md
	$(BIN)/python -m benchmarks.lost_login --page

format: .venv/dev ## write files in the house's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/bench ## measure beside two peers for about 35 minutes, and write docs/benchmarks.md and docs/throughput.svg
	$(BIN)/python -m benchmarks.run

manifest: .venv/host ## write plugin.yaml anew
	$(BIN)/vantage-jira manifest > plugin.yaml

build: .venv/dev ## build sdist and wheel
	$(BIN)/python -m build

clean: ## remove what was built and installed here
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer (with venv) is needed; set PYTHON=/path/to/it" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --upgrade pip
	@touch $@

# The demonstration runs pytest for real, and nothing else of the tools.
.venv/host: .venv/python setup.cfg
	$(INSTALL) --editable '.[host]' pytest
	@touch $@

.venv/dev: .venv/python setup.cfg
	$(INSTALL) --editable '.[dev]'
	@touch $@ .venv/host

# The tests do without the peers that are measured beside.
.venv/bench: .venv/python setup.cfg
	$(INSTALL) --editable '.[dev,bench]'
	@touch $@ .venv/dev .venv/host
