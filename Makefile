# Every verb can be run again; each says what it does. `make demo` and `make test` need nothing before them.
SHELL := /bin/bash
PYTHON := .venv/bin/python
PORT ?= 8000
export PORT

# Two at a time leave room for the servers under test; each takes a half in its order, so that the
# browser stays in one of them only, and what is over first takes from the other's end. Three were
# not faster. 5 is pytest's word for "nothing selected".
PYTEST = .venv/bin/pytest -n 2 --dist worksteal -m "$(SIZE)" --durations=10 --durations-min=1 $(ARGS) || [ $$? -eq 5 ]

.DEFAULT_GOAL := help
.PHONY: help setup demo run stop test thorough pictures lint fmt lock prove bench reset

help: ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install what is missing, start the servers, bring the database up to date
	@bin/setup
	@bin/static
	@bin/services start
	@$(PYTHON) manage.py migrate --verbosity 0

# The accounts that the demo prints are made up: their password is enough.
demo: export SECOND_FACTOR_REQUIRED ?= false
# A stand-in answers in Dukcapil's place; no real service hears of the demo.
demo: export DUKCAPIL_STANDIN = $(shell expr 20000 + $(PORT) % 10000)
demo: export DUKCAPIL_URL = http://127.0.0.1:$(DUKCAPIL_STANDIN)
demo: export DUKCAPIL_CLIENT = demo
demo: export DUKCAPIL_SECRET = demo
demo: export DUKCAPIL_PER_SECOND = 50
# Another stand-in is a feature layer with published figures.
demo: export FEATURES_STANDIN = $(shell expr 30000 + $(PORT) % 10000)
demo: export SERVICE_STAND_IN_ALLOWED = true
demo: ## a made-up regency, its batch decided, the portal running (BOUNDARIES=layer.gpkg for a real layer, PORT=8001)
	@test -z "$(BOUNDARIES)" || test -r "$(BOUNDARIES)" || { echo 'BOUNDARIES: "$(BOUNDARIES)" cannot be read.' >&2; exit 2; }
	@$(MAKE) --no-print-directory run
	@$(PYTHON) manage.py demo $(if $(BOUNDARIES),--boundaries "$(BOUNDARIES)")

run: ## the portal running on the data it has
	@bin/run stop
	@$(MAKE) --no-print-directory setup
	@bin/run start

stop: ## stop everything; the data stays
	@bin/run stop
	@bin/services stop

# What a power cut would take from the tests' own servers may go: nothing waits for the disk.
test: export PORTAL_FSYNC = off
test: SIZE = not scale and not long
test: ## every rule at small size, and one of each kind of long test (ARGS="tests/registry -k nik" for some)
	@bin/setup --tests
	@bin/with-test-servers bash -c '$(PYTEST)'

thorough: export PORTAL_FSYNC = off
thorough: SIZE = long and not scale
thorough: ## the long tests: journeys in the browser, every address as every persona, the served portal, killed workers
	@bin/setup --tests
	@bin/with-test-servers bash -c '$(PYTEST)'

pictures: ## the pictures of README and guide anew, by the browser tests that make them
	@bin/setup --tests
	@PICTURES=$(CURDIR)/docs/images bin/with-test-servers .venv/bin/pytest -n 0 tests/browser/test_pictures.py tests/browser/test_guide_pictures.py tests/browser/test_guide_pictures_ministry.py

lint: ## format, rules, types, templates, layers, migrations
	@bin/setup --tests
	@bin/lint

fmt: ## rewrite code and templates in the house's format
	@bin/setup --tests
	@.venv/bin/ruff check --quiet --fix . bin/run bin/check-install bin/sbom bin/secrets
	@.venv/bin/ruff format . bin/run bin/check-install bin/sbom bin/secrets
	@.venv/bin/djlint templates --reformat --quiet

lock: ## the lock files anew from requirements*.in and package.json
	@bin/setup --tests
	@bin/lock

prove: ## the full sizes and limits of time: kills, hostile files, races, scale; the figures in one table, log in .local/prove.log
	@bin/setup --tests
	@bin/with-test-servers bin/prove $(ARGS)

bench: ## ONLY=name: bench/name.py; without it, all of them
	@bin/setup --tests
	@bin/with-test-servers bin/bench $(ONLY)

reset: ## delete database, uploads and keys (FORCE=1 asks nothing)
	@bin/services reset
