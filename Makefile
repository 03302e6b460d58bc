# Every target works on a fresh machine with Python ≥ 3.11 and make.
PYTHON ?= python3
VENV := .venv
RUNTIME := .venv-runtime
BIN := $(VENV)/bin

.PHONY: install run test test-runtime test-long test-gpu lint format bench clean
.DEFAULT_GOAL := install

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

run: install  ## fit, export and forecast on real sample data
	$(BIN)/forecaster fit sample_data/co2_weekly.csv
	$(BIN)/forecaster export
	$(BIN)/forecaster forecast sample_data/co2_weekly.csv --plot

test: lint test-runtime
	$(BIN)/python -m pytest

$(RUNTIME)/installed: constraints.txt
	$(PYTHON) -m venv $(RUNTIME)
	$(RUNTIME)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt numpy onnxruntime pytest
	touch $@

test-runtime: $(RUNTIME)/installed  ## what a service embeds, with nothing but numpy and onnxruntime
	$(RUNTIME)/bin/python -m pytest tests/deploy

test-long: install  ## what takes minutes: 20,000 damaged files, 2,000 damaged bundles, 2,000 random panels, 50 killed fits
	MUTATIONS=20000 $(BIN)/python -m pytest tests/forecaster/data/test_mutations.py
	ROUND_TRIPS=2000 $(BIN)/python -m pytest tests/forecaster/data/test_round_trip.py
	BUNDLES=2000 $(BIN)/python -m pytest tests/deploy/test_damaged_bundles.py
	KILLS=50 $(BIN)/python -m pytest tests/forecaster/test_kill.py

test-gpu: install  ## what needs a CUDA device; says so where there is none
	$(BIN)/python -m pytest -m gpu -rs

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## speed of serving, reading and training; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

.PHONY: docs
docs: install  ## the pictures of the documentation
	$(BIN)/python docs/draw_curricula.py

clean:
	rm -rf $(VENV) $(RUNTIME) run run.previous forecast.csv
