# Every command a person needs. Each one sets up .venv by itself; a machine needs only Python 3.11+ with venv, and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Arguments for the program that runs: make run ARGS="--port 9000", make test ARGS="tests/platform -n 0 -x"
ARGS ?=

.PHONY: help run shop test test-all quick lint check bench docs wsdl constraints clean

help:
	@echo "make run        start the service in sandbox mode on http://127.0.0.1:8080"
	@echo "make shop       start a demo shop on http://127.0.0.1:8090, and the service if it does not run"
	@echo "make test       run all tests, on SQLite and PostgreSQL in turn"
	@echo "make test-all   run all tests, each on SQLite and on PostgreSQL"
	@echo "make quick      run the tests that need no server"
	@echo "make lint       ruff, mypy, import-linter"
	@echo "make check      lint and test: what has to be green"
	@echo "make bench      run the benchmarks"
	@echo "make docs       write the generated pages of docs/ again"
	@echo "make wsdl       write the documents under wsdl/ again"

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or later is needed')"
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): setup.cfg pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --constraint constraints.txt --editable '.[test,dev]'
	touch $@

run: $(INSTALLED)
	$(BIN)/python run_server.py $(ARGS)

shop: $(INSTALLED)
	$(BIN)/python examples/shop/run.py $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist worksteal --deal $(ARGS)

test-all: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

quick: $(INSTALLED)
	$(BIN)/python -m pytest tests/unit $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.codec $(ARGS)
	$(BIN)/python -m benchmarks.makepayment --postgres $(ARGS)
	$(BIN)/python -m benchmarks.dialects $(ARGS)
	$(BIN)/python -m benchmarks.versions
	$(BIN)/python -m benchmarks.billing_run --postgres

docs: $(INSTALLED)
	$(BIN)/python -m cashbox_service.soap.coverage
	$(BIN)/python -m cashbox_service.soap.fidelity
	$(BIN)/python -m cashbox_service.soap.projection.page
	$(BIN)/python -m cashbox_service.processors.codes_page

wsdl: $(INSTALLED)
	$(BIN)/cashbox-service wsdl export wsdl

constraints:
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/python -m pip install --quiet --disable-pip-version-check '.[production,test,dev]'
	echo '# Exact versions the tests and lint run with. Written by `make constraints` from a fresh environment.' > constraints.txt
	build/constraints/bin/python -m pip freeze --exclude cashbox_service | tr 'A-Z_' 'a-z-' | sort >> constraints.txt

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
