# Everything runs in a virtual environment that this file makes; nothing is installed outside it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
BENCH := .venv-bench
READY_BENCH := $(BENCH)/.ready

.PHONY: demo test test-all lint format pictures bench bench-full clean

demo: $(READY)
	$(BIN)/handprint demo --force -o out

test: lint
	$(BIN)/python -m pytest -m "not slow"

test-all: lint
	$(BIN)/python -m pytest

lint: $(READY_DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $$(git ls-files 'io_tables/*.py' 'sector_models/*.py' 'handprint/*.py')

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: $(READY)
	$(BIN)/handprint demo --force -o out
	cp out/waterfall.png docs/images/waterfall.png
	$(BIN)/handprint demo --force -o out/zh --lang zh
	cp out/zh/waterfall.png docs/images/waterfall.zh-CN.png

# Speed and memory beside the peers, which are installed for this only: writes benchmarks/RESULTS.md.
bench: $(READY_BENCH)
	$(BENCH)/bin/python benchmarks/run.py $(ARGS)

bench-full: $(READY_BENCH)
	$(BENCH)/bin/python benchmarks/run.py --full $(ARGS)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing: on Debian or Ubuntu, apt-get install python3-venv"; exit 1; }

$(READY): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(READY_DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY) $@

$(READY_BENCH): pyproject.toml constraints.txt $(wildcard benchmarks/requirements*.txt)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . -r benchmarks/requirements.txt
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements-alone.txt
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) out .mypy_cache .ruff_cache .pytest_cache .hypothesis
