# The hub's everyday commands. Everything they install goes into .venv; nothing else of the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install -qq --disable-pip-version-check
EXPLORER := .venv/explorer
NODE_SOAP := .venv/nodesoap

# Compiled code is kept: tests start dozens of processes, each of which would compile all of the house again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo install explorer nodesoap medplum fhirkit test proofs lint chaos bench schema lock

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 16

demo: install  ## a town of invented people to look round in
	@exec $(BIN)/hub demo

install: .venv/installed explorer  ## what a server needs, and no more

# One process per core: on two, a third gains nothing (measured), for it reads all of the house once more.
test: lint nodesoap medplum fhirkit  ## everything that must hold; DOCUMENTS=20 for fewer than 500 of those that veraPDF looks at
	@test -x /usr/lib/rabbitmq/bin/rabbitmq-server || command -v rabbitmq-server >/dev/null || \
	  echo "RabbitMQ is missing: what is carried by Fiks IO is not tried. As root: apt-get install rabbitmq-server" >&2
	DOCUMENTS=$(or $(DOCUMENTS),500) $(BIN)/python -m pytest -n auto --maxprocesses 3 --dist worksteal -rs --no-fold-skipped

proofs: .venv/tools  ## what is proved by chance, at length: 500 drafts, 150 lives, 200 histories of what is told and whatever comes after whatever, every mishap of an archive
	DRAFTS=500 LIVES=150 MISHAPS=all SEEDS=5 HISTORIES=200 PAIRS=200 $(BIN)/python -m pytest -n 2 \
	  tests/proofs/test_preview_is_what_comes.py tests/proofs/test_ledger_after_any_acts.py \
	  tests/integrations/test_archive_geointegrasjon_mishaps.py \
	  tests/proofs/test_visibility_is_what_they_see.py tests/proofs/test_what_fagsystemer_are_told.py

lint: .venv/tools  ## style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

chaos: .venv/tools  ## 2,000 deliveries while workers are killed, PostgreSQL is restarted, services and archives fail
	$(BIN)/python -m tests.chaos.run

bench: .venv/tools  ## what a question costs, a document and a delivery; JSON=file keeps the numbers
	$(BIN)/python -m tests.bench.run $(if $(JSON),--json $(JSON))

schema: .venv/installed  ## print schema/schema.graphql anew
	$(BIN)/hub schema > .venv/schema.graphql
	mv .venv/schema.graphql schema/schema.graphql

# What the hub runs with, then the hub itself (editable, so that a change needs no new install).
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "The hub needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing what the hub runs with, a minute the first time ..."
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@sed '/^# Tools/,$$d' requirements.lock > .venv/runtime.lock
	@$(INSTALL) --require-hashes -r .venv/runtime.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tools: .venv/installed
	@echo "Installing the tools ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@touch $@

# GraphiQL for the browser. Without npm, or without its registry, the hub shows a plain page of its own.
explorer:
	@$(call from_npm,schema/explorer,$(EXPLORER),GraphiQL could not be installed: a plain page instead)

# Servers that nobody here wrote: for SOAP, and for FHIR; and a client for FHIR. Without one the tests that need it are
# skipped, and say so.
nodesoap:
	@$(call from_npm,tests/support/nodesoap,$(NODE_SOAP),npm's soap could not be installed: it is told nothing)

medplum:
	@$(call from_npm,tests/support/medplum,.venv/medplum,Medplum could not be installed: it is told nothing)

fhirkit:
	@$(call from_npm,tests/support/fhirkit,.venv/fhirkit,fhir-kit-client could not be installed: it asks nothing)

# What a folder's lock holds, from npm, where npm is; else what is said instead.
define from_npm
if cmp -s $(1)/package-lock.json $(2)/installed; then :; \
elif command -v npm >/dev/null; then \
  mkdir -p $(2) && cp $(1)/package.json $(1)/package-lock.json $(2) && \
  npm ci --prefix $(2) --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error \
    --fetch-retries=0 >/dev/null 2>&1 && cp $(1)/package-lock.json $(2)/installed || echo "$(3)"; \
fi
endef

# One lock file in two parts, so that a server can be installed without the tools: see .venv/installed above.
# Versions stay unless a range has moved past them.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
           --no-header --no-annotate
lock: .venv/tools  ## requirements.lock and those for npm; UPGRADE=1 for the newest
	cp requirements.lock .venv/all.lock
	$(COMPILE) --group dev $(if $(UPGRADE),--upgrade) -o .venv/all.lock >/dev/null
	$(COMPILE) --group build -c .venv/all.lock > .venv/runtime.lock
	{ echo '# What the hub runs with'; cat .venv/runtime.lock; \
	  echo '# Tools: what tests, measures and locks; a server is installed without them'; \
	  $(COMPILE) --group dev -c .venv/all.lock \
	    $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' .venv/runtime.lock); } > .venv/new.lock
	mv .venv/new.lock requirements.lock
	for folder in schema/explorer tests/support/nodesoap tests/support/medplum tests/support/fhirkit; do (cd $$folder && \
	  npm install --package-lock-only --omit-lockfile-registry-resolved --loglevel=error && \
	  node -e '$(WITHOUT_ADDRESSES)') || exit 1; done

# npm's lock also holds where each author takes donations.
WITHOUT_ADDRESSES = const fs = require("fs"), lock = "package-lock.json"; \
  const kept = JSON.parse(fs.readFileSync(lock), (key, value) => key === "funding" ? undefined : value); \
  fs.writeFileSync(lock, JSON.stringify(kept, null, 2) + "\n")
