# make up     brings up a stack in the simulator (STACK=dev-eks)
# make test   runs all tests          make check  format, lint, types, import rules
# make bench  speed, as ratios        make lock   pins again what requirements/*.in ask for
# Each sets up what it needs, once: a lock that has not changed is not looked at again.

STACK  ?= dev-eks
PYTHON ?= python3
JOBS   ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
KUBEML := $(BIN)/kubeml
UV     := $(BIN)/uv
# The lock of the stack's cloud: eks needs aws, and nothing of the others; local needs none.
CLOUD  := $(if $(findstring -gke,$(STACK)),gcp,$(if $(findstring -aks,$(STACK)),azure,$(if $(filter local%,$(STACK)),local,aws)))
PROJECTS := components policies simulator
MANIFESTS := $(PROJECTS:%=%/pyproject.toml)

export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
export PYTHONDONTWRITEBYTECODE :=

.PHONY: up preview destroy test check format bench lock clean

up preview destroy: $(VENV)/.$(CLOUD)
	@$(KUBEML) $@ --stack $(STACK)

test: $(VENV)/.dev
	@$(BIN)/python -m tests.machine
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench

# Environment: a virtual environment, the installer, then what the lock says, each file of it with its hash.
$(VENV)/.uv: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the installer"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.%: requirements/%.txt $(VENV)/.uv $(MANIFESTS)
	@echo "installing what $< says"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(PROJECTS:%=--editable ./%)
	@touch $@

lock: $(VENV)/.uv
	@for name in build dev aws gcp azure local go; do \
	  $(UV) pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    $(foreach project,pulumi-kubeml pulumi-kubeml-policies kubeml-simulator,--no-emit-package $(project)) \
	    $$( case $$name in aws|gcp|azure|local) echo --constraint requirements/dev.txt;; esac ) \
	    requirements/$$name.in --output-file requirements/$$name.txt $(ARGS) || exit 1; done

clean:
	rm -rf $(VENV) .kubeml dist
