# Jingwei 经纬. `make` lists what can be made.
SHELL := /bin/bash
.DEFAULT_GOAL := help

HOME_FOLDER := $(or $(JINGWEI_HOME),./var)
RESIDENTS ?= 70000
PORT ?= 8000
HOST ?= 127.0.0.1
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
BIN := .venv/bin
RUN := env JINGWEI_HOME="$(HOME_FOLDER)" $(BIN)/jingwei
SOURCES := pyproject.toml hatch_build.py package.json package-lock.json

.PHONY: help install demo clean-demo real test lint check-types check-imports bench lock clean screenshots

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

install: .make/run ## The virtual environment with Jingwei in it (.venv/bin/jingwei)

demo: .make/run ## A sample district from nothing to the window page (RESIDENTS=70000 PORT=8000)
	@exec $(RUN) demo --residents $(RESIDENTS) --host $(HOST) --port $(PORT)

clean-demo: ## Remove the demo's data (JINGWEI_HOME, default ./var)
	@$(PYTHON) tools/clean_demo.py "$(HOME_FOLDER)"

real: .make/run ## The main job on the real tables in ../shared/data, with what came out
	@$(BIN)/python -m benchmarks.real

test: .make/dev ## Lint, types, import order and all tests, in a real browser too
	@tools/install-test-servers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile

lint: .make/dev ## Lint and format check alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .make/run ## Measure against limits and peers (BENCH=name for one)
	@$(BIN)/python -m benchmarks $(BENCH)

screenshots: .make/dev ## Renew the pictures in docs/images from a running demo district
	@tools/install-test-servers
	JINGWEI_SCREENSHOTS=1 $(BIN)/pytest tests/journeys -n0

lock: ## Renew the pinned dependencies with their hashes
	$(BIN)/python tools/lock.py

clean: ## Remove the virtual environment and built assets
	rm -rf .venv .make src/jingwei/portal/static/vendor

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11. Give a newer one: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "The virtual environment could not be made. On Debian: apt-get install python3-venv"; rm -rf .venv; exit 1; }

# Dependencies are pinned with hashes; the project itself is installed in place, which also builds the page assets.
.make/run: .venv/bin/python requirements/run.txt $(SOURCES)
	@mkdir -p .make
	@echo "installing (about a minute the first time)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.make/dev: .make/run requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
