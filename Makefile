# `make` lists the targets. Each installs what it needs into .venv on its first run and asks nothing.
.DEFAULT_GOAL := help
.PHONY: help verify test soak proofs results figures constraints clean
.NOTPARALLEL:
unexport PYTHONPATH PYTHONHOME

VENV := .venv
PY := $(VENV)/bin/python
# Options of the command behind a target: make verify ARGS="exact-ratio --level full"
ARGS ?=
JOBS ?= 2

help:
	@echo "make verify       derive, simulate and judge every claim; prints the ledger"
	@echo "make test         ruff, import-linter, the tests (random order) and the wheel test"
	@echo "make soak         what is too long for every change: deep tests, Python 3.11 to 3.13, lowest versions"
	@echo "make proofs       check the theorems in Coq (needs coqc; without it, says what to install)"
	@echo "make results      a stored result and all that is made of it anew: NAME=rebound, LEVEL=quick for a try"
	@echo "make figures      figures/ and docs/experiments.md anew from the stored results"
	@echo "make constraints  resolve constraints.txt again from pyproject.toml"
	@echo "make clean        remove .venv and every cache"
	@echo
	@echo 'Options go in ARGS: make verify ARGS="exact-ratio --level full", make test ARGS="-k huffman".'

verify: $(VENV)/installed
	@$(PY) -m compression_sim verify $(ARGS)

test: $(VENV)/installed-test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-logo
	$(PY) -m pytest -n $(JOBS) $(ARGS)

soak: $(VENV)/installed-test
	@.ci/soak

proofs: $(VENV)/installed
	@$(PY) tools/make_proofs.py $(ARGS)

# NAME: one experiment or several; LEVEL and SEED are those of the stored result unless given
results: $(VENV)/installed
	@$(PY) tools/make_results.py $(if $(LEVEL),--level $(LEVEL)) $(if $(SEED),--seed $(SEED)) $(NAME)

figures: $(VENV)/installed
	@$(PY) -m compression_sim figures --out figures --force $(ARGS)
	@$(PY) -m compression_sim.experiments._matrix.page docs/experiments.md

constraints: $(VENV)/installed-test
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --all-extras --upgrade --no-annotate \
	  --no-emit-index-url --custom-compile-command "make constraints" pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# An editable install belongs to one folder: in a copy of the checkout, .venv and all, install again.
ifneq ($(shell cat $(VENV)/folder 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/installed $(VENV)/installed-test
endif

$(VENV)/installed-test: EXTRA := [test]
$(VENV)/installed $(VENV)/installed-test: pyproject.toml constraints.txt | $(PY)
	@echo "installing compression_sim$(EXTRA) into $(VENV): a minute or two, once" >&2
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >&2
	@$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.$(EXTRA)' >&2
	@printf '%s\n' '$(CURDIR)' >$(VENV)/folder
	@touch $@

# Python 3.11 to 3.13 are what is tested; a newer one is taken only where none of these is.
$(PY):
	@for versions in '(3, 11) <= v < (3, 14)' '(3, 11) <= v'; do \
	  for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    if $$python -c "import sys; v = sys.version_info[:2]; sys.exit(not ($$versions))" 2>/dev/null; then \
	      echo "making $(VENV) with $$($$python --version)" >&2; \
	      $$python -m venv $(VENV) && exit 0; \
	      rm -rf $(VENV); \
	      echo "$$python cannot make a virtual environment: install its venv module (Debian: python3-venv)" >&2; \
	      exit 1; \
	    fi; \
	  done; \
	done; \
	echo "Python 3.11 or newer is needed and none was found: install one, or name it: make PYTHON=path/to/python" >&2; \
	exit 1
