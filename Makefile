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
AUDIT := $(VENV)/.audit
NODE := $(VENV)/node
CLIENTS := $(NODE)/.clients
CODE := cardgen generation jobs realtime toolkit uniqueness manage.py
DISTRIBUTED := $(addprefix tests/uniqueness/,sharding ledger bloom cache pool proof check claims exclusions) tests/jobs/proof
LOCKS := requirements.lock requirements-parquet.lock requirements-tracing.lock requirements-dev.lock requirements-audit.lock
# As many at once as there are cores, unless the caller has said how many; each one's lines together.
SIDE_BY_SIDE = $(if $(findstring jobserver,$(MAKEFLAGS)),,--jobs=$(shell getconf _NPROCESSORS_ONLN)) \
	$(if $(filter output-sync,$(.FEATURES)),--output-sync)
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet

.PHONY: help
help: ## List the targets
	@echo "cardgen: test payment cards that never repeat"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo; echo "  make run PORT=8000 VAR=var FIRST_JOB=100000   (the defaults; FIRST_JOB=0: no sample job)"
	@echo "  make test ARGS='-k names -x' TESTERS=0   (in one process, for debuggers)"

.PHONY: run
run: $(RUNTIME) ## Serve everything on this machine until Ctrl-C
	@# Commands take this VAR from now on (manage.py).
	@var='$(VAR)'; [[ $$var = /* ]] || var="$$PWD/$$var"; echo "$$var" > $(VENV)/.var
	@export CARDGEN_ALLOW_ROOT="$${CARDGEN_ALLOW_ROOT:-if-needed}"; CARDGEN_VAR='$(VAR)' exec $(PYTHON) manage.py run --port '$(PORT)' --first-job '$(FIRST_JOB)'

.PHONY: install
install: $(RUNTIME) ## Make .venv and install what `make run` needs

.PHONY: test
test: $(DEVELOPMENT) $(CLIENTS) packages ## Run the tests (ARGS= goes to pytest)
	@# Hundreds of processes are started: without it, each compiles 600 files, in 0.2 s of CPU.
	@exec env -u PYTHONDONTWRITEBYTECODE $(PYTHON) -m pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: citus
citus: $(DEVELOPMENT) ## Run the ledger's tests on a distributed one (DATABASE_URL= of a server that has the extension)
	@CARDGEN_TEST_DISTRIBUTED=1 CARDGEN_SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(32))')" \
	CARDGEN_MASTER_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(32))')" \
	$(PYTHON) -m pytest --numprocesses 0 --create-db -rs $(or $(ARGS),$(DISTRIBUTED))

# What `make lint` does, side by side: the longest first.
CHECKS := check-types check-api check-weaknesses check-django check-pages check-style check-layers

.PHONY: lint
lint: $(DEVELOPMENT) $(CLIENTS) ## Check style, types, layers, weak spots, scripts, map, pages, migrations, deployment, OpenAPI and what it breaks
	@$(MAKE) $(SIDE_BY_SIDE) $(CHECKS)

.PHONY: $(CHECKS)
check-types:
	@$(PYTHON) -m mypy .

check-api:
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file "$$CARDGEN_VAR/openapi.yaml" && \
	diff -u docs/openapi.yaml "$$CARDGEN_VAR/openapi.yaml" || \
	{ echo "lint failed (a stale docs/openapi.yaml: make openapi)" >&2; exit 1; }
	@$(VENV)/bin/node $(NODE)/node_modules/@stoplight/spectral-cli/dist/index.js lint --quiet --fail-severity hint \
	--ruleset docs/openapi-rules.yaml docs/openapi.yaml
	@$(PYTHON) -m docs.check_compatibility

check-weaknesses:
	@# What ruff's S rules do not see; medium and higher. A line that is right says so: nosec, rule.
	@$(PYTHON) -m bandit --quiet -ll -ii --recursive $(CODE)

check-django:
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) -W ignore manage.py makemigrations --check --dry-run && \
	CARDGEN_HTTPS=1 $(PYTHON) manage.py check --deploy --fail-level WARNING

check-pages:
	@$(PYTHON) docs/draw_map.py --check
	@$(PYTHON) -m docs.check_pages
	@$(VENV)/bin/codespell README.md docs/*.md docs/decisions

check-style:
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(VENV)/bin/shellcheck --external-sources deploy/*.sh .ci/run
	@$(VENV)/bin/hadolint deploy/Dockerfile

check-layers:
	@$(VENV)/bin/lint-imports

.PHONY: secrets
secrets: $(DEVELOPMENT) ## Look for passwords and keys in what git keeps
	@# Tests have passwords of their own, documents have examples, locks and pictures have digests.
	@git ls-files -z -- ':!tests' ':!docs/openapi*.yaml' ':!*.lock' ':!*.svg' ':!*.png' ':!*.csv' | \
	xargs -0 $(VENV)/bin/detect-secrets-hook --disable-plugin Base64HighEntropyString \
	--exclude-lines 'postgres://(user:password|cardgen:secret)@' && echo "secrets: none"

.PHONY: lock
lock: $(AUDIT) ## Write requirements*.lock anew (ARGS=--upgrade: newer packages)
	@for name in $(LOCKS:.lock=); do \
		$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" $(ARGS) \
		$$([ $$name = requirements ] || echo "--constraint requirements.lock") \
		--output-file $$name.lock $$name.txt || exit 1; \
	done

.PHONY: audit
audit: $(AUDIT) ## Ask for known weak spots of the locked packages (needs a network)
	@$(PYTHON) .ci/audit.py $(LOCKS)

.PHONY: sbom
sbom: $(AUDIT) ## Write sbom.json: what is installed to run cardgen (CycloneDX 1.6)
	@$(VENV)/bin/cyclonedx-py requirements --output-reproducible --of JSON --sv 1.6 \
	--pyproject pyproject.toml --output-file sbom.json requirements.lock && echo "sbom: sbom.json"

.PHONY: docs
docs: $(DEVELOPMENT) ## Build the pages as a site, with search, into docs/_site: /docs of a service shows it
	@$(PYTHON) -m sphinx --quiet --fail-on-warning -d $(VENV)/.doctrees docs docs/_site && echo "docs: docs/_site/index.html"

.PHONY: map
map: $(DEVELOPMENT) ## Draw docs/images/map-*.svg anew
	@$(PYTHON) docs/draw_map.py

.PHONY: screenshots
screenshots: $(DEVELOPMENT) packages ## Take the pictures of docs/images/pages anew
	@$(PYTHON) -m pytest -q -n0 -p no:cacheprovider tests/whole/browser/pictures.py tests/whole/browser/stills.py

.PHONY: access
access: $(RUNTIME) ## Write the tables of docs/access.md anew
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) -m docs.write_access

.PHONY: openapi
openapi: $(RUNTIME) ## Write docs/openapi.yaml anew
	@export CARDGEN_VAR="$$(mktemp -d)"; trap 'rm -rf "$$CARDGEN_VAR"' EXIT; \
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

.PHONY: bench
bench: $(DEVELOPMENT) ## Measure, as ratios (ARGS=--quick)
	@exec $(PYTHON) -m bench $(ARGS)

.PHONY: load
load: $(DEVELOPMENT) ## A day's work of a department, all at once (ARGS='--users 50 --seconds 300')
	@exec $(PYTHON) -m bench.scenarios $(ARGS)

.PHONY: migrations
migrations: $(DEVELOPMENT) ## Measure migrations on large tables (ARGS='--rows 50000000')
	@exec $(PYTHON) -m bench.migrations $(ARGS)

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

# Some tests need Debian's Chromium, PgBouncer, systemd, a JDK with JUnit, or Prometheus (its promtool). Without them they are skipped aloud, except in CI.
.PHONY: packages
packages:
	@missing=; \
	command -v chromium chromium-browser google-chrome >/dev/null || missing=" chromium"; \
	PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null || missing="$$missing pgbouncer"; \
	command -v systemd-analyze >/dev/null || missing="$$missing systemd"; \
	[ -e /usr/share/java/junit-jupiter-api.jar ] && command -v javac >/dev/null || missing="$$missing default-jdk-headless junit5"; \
	command -v promtool >/dev/null || missing="$$missing prometheus"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || sudo -n true 2>/dev/null; }; then \
		echo "Installing Debian's$$missing for the tests …"; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $$sudo apt-get -qq update && \
		$$sudo apt-get -qq install -y --no-install-recommends $$missing && \
		{ for server in pgbouncer prometheus; do \
			case "$$missing" in *$$server*) $$sudo systemctl disable --now $$server;; esac; done 2>/dev/null || true; }; \
		} >/dev/null && exit 0; \
	fi; \
	echo "Tests that need$$missing are skipped. Install it: sudo apt-get install$$missing" >&2; \
	[ "$$CI" != true ]

# A stamp is newer than what it stands for: nothing is installed twice.
# Only packages whose digest is in the lock are installed, those that others need as well.
$(RUNTIME): requirements.lock | $(PYTHON)
	@echo "Installing requirements.lock …"
	@$(PIP) install --require-hashes -r requirements.lock
	@ln -sf ../../manage.py $(VENV)/bin/cardgen
	@echo "The command is $(VENV)/bin/cardgen; as plain 'cardgen': source $(VENV)/bin/activate"
	@touch $@

$(DEVELOPMENT): requirements-dev.lock requirements.lock | $(PYTHON)
	@echo "Installing requirements-dev.lock …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $(RUNTIME) $@

# No script of a package runs: some would report to their makers.
$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json $(DEVELOPMENT)
	@echo "Installing tests/clients/package-lock.json …"
	@mkdir -p $(NODE)
	@cp tests/clients/package.json tests/clients/package-lock.json $(NODE)
	@cd $(NODE) && ../bin/npm ci --ignore-scripts --no-audit --no-fund --loglevel error >/dev/null
	@touch $@

$(AUDIT): requirements-audit.lock | $(PYTHON)
	@echo "Installing requirements-audit.lock …"
	@$(PIP) install --require-hashes -r requirements-audit.lock
	@touch $@

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
