# GNU make. `make` alone lists what there is.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

PORT ?= 8000
VAR ?= $(or $(CARDGEN_VAR),var)
FIRST_JOB ?= 100000
ARGS ?=
# Processes that share the test files out: many wait for servers and clocks more than they work.
TESTERS ?= 3

VENV := .venv
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet

.PHONY: help
help: ## List the targets
	@echo "cardgen: test payment cards that never repeat"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo; echo "  make run PORT=8000 VAR=var FIRST_JOB=100000   (the defaults; FIRST_JOB=0: no sample job)"
	@echo "  make test ARGS='-k names -x' TESTERS=0   (in one process, for debuggers)"

.PHONY: run
run: $(RUNTIME) ## Serve everything on this machine until Ctrl-C
	@CARDGEN_VAR='$(VAR)' exec $(PYTHON) manage.py run --port '$(PORT)' --first-job '$(FIRST_JOB)'

.PHONY: install
install: $(RUNTIME) ## Make .venv and install what `make run` needs

.PHONY: test
test: $(DEVELOPMENT) packages ## Run the tests (ARGS= goes to pytest)
	@exec $(PYTHON) -m pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: lint
lint: $(DEVELOPMENT) ## Check style, types, layers, map, migrations, deployment, OpenAPI
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy .
	@$(VENV)/bin/lint-imports
	@$(PYTHON) docs/draw_map.py --check
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) -W ignore manage.py makemigrations --check --dry-run && \
	CARDGEN_HTTPS=1 $(PYTHON) manage.py check --deploy --fail-level WARNING && \
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file "$$CARDGEN_VAR/openapi.yaml" && \
	diff -u docs/openapi.yaml "$$CARDGEN_VAR/openapi.yaml" || \
	{ echo "lint failed (a stale docs/openapi.yaml: make openapi)" >&2; exit 1; }

.PHONY: map
map: $(DEVELOPMENT) ## Draw docs/images/map-*.svg anew
	@$(PYTHON) docs/draw_map.py

.PHONY: openapi
openapi: $(RUNTIME) ## Write docs/openapi.yaml anew
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

.PHONY: bench
bench: $(DEVELOPMENT) ## Measure, as ratios (ARGS=--quick)
	@exec $(PYTHON) -m bench $(ARGS)

.PHONY: simulate
simulate: $(DEVELOPMENT) ## Measure costs here, then simulate 100 workers and 10^9 cards (ARGS=--help)
	@exec $(PYTHON) -m bench.simulation $(ARGS)

.PHONY: chaos
chaos: $(DEVELOPMENT) ## Kill, freeze and flush everything, prove nothing is lost (ARGS=--full)
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) -m chaos $(ARGS)

.PHONY: soak
soak: $(DEVELOPMENT) ## Run jobs for two hours, see that nothing grows (ARGS='--minutes 30')
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) -m chaos --scenario R22 --full --minutes 120 $(ARGS)

.PHONY: clean
clean: ## Remove the virtual environment and caches (never VAR)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 -r rm -rf

# Some tests need Debian's Chromium or PgBouncer. Without them they are skipped aloud, except in CI.
.PHONY: packages
packages:
	@missing=; \
	command -v chromium chromium-browser google-chrome >/dev/null || missing=" chromium"; \
	PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null || missing="$$missing pgbouncer"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || sudo -n true 2>/dev/null; }; then \
		echo "Installing Debian's$$missing for the tests …"; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $$sudo apt-get -qq update && \
		$$sudo apt-get -qq install -y --no-install-recommends $$missing && \
		{ case "$$missing" in *pgbouncer) $$sudo systemctl disable --now pgbouncer;; esac 2>/dev/null || true; }; \
		} >/dev/null && exit 0; \
	fi; \
	echo "Tests that need$$missing are skipped. Install it: sudo apt-get install$$missing" >&2; \
	[ "$$CI" != true ]

# A stamp is newer than what it stands for: nothing is installed twice.
$(RUNTIME): requirements.txt | $(PYTHON)
	@echo "Installing requirements.txt …"
	@$(PIP) install -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(PYTHON)
	@echo "Installing requirements-dev.txt …"
	@$(PIP) install -r requirements-dev.txt
	@touch $(RUNTIME) $@

# An interrupted attempt leaves no .venv/bin/python behind that looks whole.
$(PYTHON):
	@for candidate in python3.11 python3 python3.12 python3.13 python3.14; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found="$$candidate"; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "cardgen needs Python 3.11 or newer: install it (Debian: apt-get install python3 python3-venv)" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version) …"; \
	if ! "$$found" -m venv $(VENV) >/dev/null; then \
		rm -rf $(VENV); \
		echo "No virtual environment could be made (Debian: apt-get install python3-venv)" >&2; \
		exit 1; \
	fi
