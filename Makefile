# Two commands: `make demo` shows the system at work, `make test` checks it. Everything is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Each in processes of its own: one that runs all tests holds hundreds of stores and models, and runs out of memory.
PARTS := crawlers models pipeline_[a-c] pipeline_[d-l] pipeline_[m-z] dashboard_[a-k] dashboard_[l-z] demo

.PHONY: demo test lint evaluate clean

demo: $(VENV)/.default
	$(BIN)/huiying demo

test: $(VENV)/.dev lint
	failed=0; for part in $(PARTS); do \
	    $(BIN)/python -m pytest -n 2 --dist loadfile tests/test_$$part*.py || failed=1; \
	done; exit $$failed

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# DATA is the folder of public sets; without it only our own rows are judged.
evaluate: $(VENV)/.train
	$(BIN)/huiying evaluate $(if $(DATA),--data $(DATA))
	$(BIN)/huiying evaluate --gate $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) var

# A stamp for each set of packages, renewed when what it depends on changes.
$(VENV)/.default: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	touch $@

$(VENV)/.train: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[train]'
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
