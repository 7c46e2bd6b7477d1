# The daily commands. `make` alone lists them. Everything they install goes into `.venv` and `build`.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED_FROM := pyproject.toml packaging/constraints.txt packaging/set_up.py $(wildcard packaging/llama/*.py packaging/llama/*.cmake)
export TORCH_INDEX

.DEFAULT_GOAL := help
.PHONY: help setup run test reliability reliability-night lint bench bench-tools guide-model screenshots clean

help:  ## list these commands
	@sed -n 's/^\([a-z%-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: .venv/ready-dev  ## install everything, for running and for development

run: .venv/ready-run .venv/compiled  ## open the window (the tour in the terminal where there is no display)
	@$(BIN)/hanare --or-tour

test: .venv/ready-dev  ## run all tests
	@$(BIN)/python -m pytest

reliability: .venv/ready-dev  ## kill it, fill the disk, feed it damaged files: the plan of docs/reliability.md
	@$(BIN)/python -m tests.reliability

reliability-night: .venv/ready-dev  ## the same, much more of it
	@$(BIN)/python -m tests.reliability --night

lint: .venv/ready-dev  ## check style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/ready-dev  ## run all benchmarks
	@failed=; for file in $$(grep -l '^if __name__' bench/*.py); do \
		$(BIN)/python -m bench.$$(basename $$file .py) || failed="$$failed $$(basename $$file .py)"; done; \
	if [ -n "$$failed" ]; then echo "Did not hold:$$failed"; exit 1; fi

bench-tools: .venv/ready-dev  ## build llama.cpp's own tools and install the libraries that the benchmarks compare with
	@$(BIN)/python packaging/llama/reference.py
	@$(BIN)/python -m bench.peers

bench-%: .venv/ready-dev  ## run one benchmark, for instance bench-start
	@$(BIN)/python -m bench.$*

guide-model: .venv/ready-dev  ## train the built-in guide anew (a quarter to half an hour; a stop costs one epoch at most)
	@MALLOC_TRIM_THRESHOLD_=2000000000 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TOP_PAD_=67108864 \
		PYTHONPATH=packaging $(BIN)/python -m guide_model.make  # glibc would give memory back after each step

screenshots: .venv/ready-dev  ## draw the pictures of docs/images
	@$(BIN)/python packaging/screenshots.py

clean:  ## remove everything that was installed or built
	rm -rf .venv build bench/out bench/tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find engine desktop bench tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready-run: $(INSTALLED_FROM)
	@$(PYTHON) packaging/set_up.py

.venv/ready-dev: $(INSTALLED_FROM)
	@$(PYTHON) packaging/set_up.py dev

# Behind its walls the program writes nothing beside its own files, so Python could not keep what it compiles.
.venv/compiled: $(shell find engine desktop -name '*.py') | .venv/ready-run
	@$(BIN)/python -m compileall -q engine desktop
	@touch $@
