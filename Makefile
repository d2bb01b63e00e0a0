# Everything a developer, a stranger or CI types; `make` alone lists it.
# Needs Debian, Python 3.11 or newer and the package registries; the rest is installed here.

PYTHON ?= python3
WORKERS ?= auto

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PRODUCT := $(VENV)/.product
TOOLS := $(VENV)/.tools
KERBEROS := $(VENV)/.kerberos
SOURCES := $(wildcard idp tests bench examples)
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command 'make lock' --quiet

export DEBIAN_FRONTEND := noninteractive
.DEFAULT_GOAL := help
.PHONY: help install kerberos demo test coverage fuzz lint fmt bench screenshots lock upgrade servers

help: ## list these commands
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(PRODUCT) ## the product into .venv, from the locked versions

kerberos: $(KERBEROS) ## the extra for Kerberos connections, built here (libkrb5-dev, gcc)

demo: $(PRODUCT) ## serve the demo at http://localhost:8000 and its portal at :8001 until interrupted (ARGS=--fresh)
	@$(BIN)/idp demo $(ARGS)

test: $(TOOLS) servers ## the whole suite (ARGS='-k password', WORKERS=1)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

coverage: $(TOOLS) servers ## the suite again, counting the branches it takes
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --cov --cov-report=term $(ARGS)

fuzz: $(TOOLS) servers ## odd requests to every endpoint, for long (FUZZ_EXAMPLES=2000 each)
	FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),2000) $(BIN)/python -m pytest --numprocesses $(WORKERS) tests/fuzz $(ARGS)

lint: $(TOOLS) ## style, types, import rule
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-logo

fmt: $(TOOLS) ## put the code in order
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: $(TOOLS) servers ## the figures of docs/performance.md
	$(BIN)/python -m bench $(ARGS)

screenshots: $(TOOLS) servers ## the pictures in docs/
	$(BIN)/python -m tests.screenshots $(ARGS)

lock: $(TOOLS) ## write requirements/ anew after a change in pyproject.toml
	$(COMPILE) pyproject.toml --extra postgres --extra demo --group build -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra kerberos -c requirements/runtime.txt -o requirements/kerberos.txt
	$(COMPILE) --group kerberos-build -c requirements/runtime.txt -o requirements/kerberos-build.txt
	$(COMPILE) --group test --group lint --group lock -c requirements/runtime.txt -o requirements/test.txt

upgrade: COMPILE += --upgrade
upgrade: lock ## the same with the newest versions

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qqy python3-venv >/dev/null; } \
		|| { echo 'A package of Debian is missing: sudo apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The build backend comes with the lock too: nothing without a known hash is ever run.
$(PRODUCT): requirements/runtime.txt pyproject.toml | $(BIN)/pip
	$(PIP) install --quiet --require-hashes -r requirements/runtime.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Its maker publishes sources alone for Linux; what builds them comes with a lock of its own.
$(KERBEROS): requirements/kerberos.txt requirements/kerberos-build.txt $(PRODUCT)
	@command -v krb5-config >/dev/null \
		|| { echo 'Packages of Debian are missing: sudo apt-get install libkrb5-dev gcc libc6-dev python3-dev' >&2; exit 1; }
	$(PIP) install --quiet --require-hashes -r requirements/kerberos-build.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/kerberos.txt
	@touch $@

$(TOOLS): requirements/test.txt $(PRODUCT)
	$(PIP) install --quiet --require-hashes -r requirements/test.txt
	@touch $@

servers: $(TOOLS)
	@tests/servers/packages.sh
	@$(MAKE) --no-print-directory $(KERBEROS)
	@$(BIN)/python -m tests.servers.node
