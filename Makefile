# Every target works on a fresh clone with Python >= 3.11, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCES := synth_pipeline synth_pipeline_tests benchmarks deploy

.PHONY: install demo test corpus check dev bench truth lambda lock clean
.DEFAULT_GOAL := help

help:
	@echo "make install | demo | test | corpus | check | dev | bench | truth | lambda | lock | clean"

install: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: install
	$(BIN)/synth generate --industry semiconductor --number 10 --user demo

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

corpus: install
	$(BIN)/python -m pytest -n 2 -m "corpus or not corpus" synth_pipeline_tests/making/test_corpus.py

check: install
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/dagster definitions validate
	$(BIN)/dg check defs

dev: install
	@echo "Dagster UI: http://127.0.0.1:$${DAGSTER_CLI_DEV_PORT:-3000}   (Ctrl+C ends it)"
	@PYTHONWARNINGS=ignore::FutureWarning $(BIN)/dagster dev --log-level warning

bench: install
	$(BIN)/python -m benchmarks

truth: install
	$(BIN)/python -m benchmarks.truth

lambda: install
	$(BIN)/python deploy/intake_zip.py dist/intake.zip

lock: install
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra deploy --extra sandlock --universal --python-version 3.11 --no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) .dagster data
