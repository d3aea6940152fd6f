# Needs Python >= 3.11 and make; everything else comes from requirements.lock into .venv.
PYTHON ?= python3
T ?= tests
WORKERS ?= 2
RUN := .venv/bin/python -m
PACKAGES := $(wildcard gateway services orgchart servicekit keyaccount tests bench)

.DEFAULT_GOAL := help
.PHONY: help run down doctor test test-long check fix openapi openapi-release migration bench bench-matching report-accuracy environment

help: ## Show what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-16s %s\n' "$$name" "$$text"; done

run: environment ## Start everything and keep it running until Ctrl-C
	@$(RUN) keyaccount up

down: environment ## Stop what `make run` started elsewhere
	@$(RUN) keyaccount down

doctor: environment ## Say what this machine or the configuration lacks
	@$(RUN) keyaccount doctor

test: environment ## Run the tests; T=path narrows, T="path -k word" too
	@$(RUN) pytest -n $(WORKERS) -m "not long" $(T)

test-long: environment ## Run all tests, the long ones too
	@$(RUN) pytest -n $(WORKERS) $(T)

check: environment ## Check format, lint, types and layers
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy $(PACKAGES)
	@.venv/bin/python .venv/bin/lint-imports

fix: environment ## Format, and mend what lint can mend
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

openapi: environment ## Write docs/openapi/ from the services
	@$(RUN) keyaccount.openapi

openapi-release: environment ## Promise clients the present documents: docs/openapi/released/
	@$(RUN) keyaccount.openapi release

migration: environment ## Draft a migration from the tables: S=service M="what it does"
	@$(RUN) keyaccount.migration "$(S)" "$(M)"

bench: environment ## Measure; writes bench/results/
	@$(RUN) bench

bench-matching: environment ## Measure matching on sets with known answers
	@$(RUN) bench.matching

report-accuracy: environment ## Compare suggested figures with what was sold; DATA=folder of the reseller sales
	@$(RUN) bench.accuracy $(if $(DATA),--data "$(DATA)")

environment: .venv/complete

.venv/complete: requirements.lock .ci/environment
	@PYTHON=$(PYTHON) .ci/environment
