# Cluster DNS in Python. `make help` says what there is; `make run` and `make test` need nothing
# but make and Python 3.11 or later on Linux.

PYTHON ?= python3
RUN_DIR ?= .run
DEVCLUSTER_PORT ?= 8001
KUBEDNS_PORT ?= 10053
KUBEDNS_HEALTH_PORT ?= 8081
KUBEDNS_METRICS_PORT ?= 10055
FRONT_PORT ?= 1053
FRONT_STATUS_PORT ?= 10056
SIDECAR_PORT ?= 10054
TEST_JOBS ?= 3

VENV := .venv
VPY := $(VENV)/bin/python
PIP := $(VPY) -m pip --disable-pip-version-check --no-input -qq install
PACKAGES := dnscore kubedns dnsmasq_front sidecar devcluster localrun gates bench

# Only `make run KUBECONFIG=path` reads a real cluster: a KUBECONFIG that the shell happens to
# export must not turn a first `make run` into a client of somebody's production.
ifeq ($(origin KUBECONFIG),command line)
CLUSTER = --kubeconfig='$(KUBECONFIG)'
endif
unexport KUBECONFIG

# As root the tools of packages.debian can be installed, so in CI a missing one is a failure.
STRICT_TOOLS ?= $(if $(CI),$(if $(filter 0,$(shell id -u)),1))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check tools clean bench bench-quick bench-scale bench-coherence

help:
	@echo 'make run     start cluster DNS here: devcluster, kubedns, dnsmasq_front, sidecar'
	@echo '             make run KUBECONFIG=path   read a real cluster instead of devcluster'
	@echo '             make run FRONT_PORT=5353   also DEVCLUSTER_PORT KUBEDNS_PORT SIDECAR_PORT'
	@echo '                                        KUBEDNS_HEALTH_PORT KUBEDNS_METRICS_PORT'
	@echo '                                        FRONT_STATUS_PORT RUN_DIR'
	@echo 'make test    set up what tests need, then make check and the whole test suite'
	@echo 'make check   ruff, mypy --strict, import contracts, size gate'
	@echo 'make bench   measure against dnsmasq, unbound and a C echo; make bench-quick in a minute'
	@echo 'make bench-scale   measure kubedns with 10,000 services and 150,000 endpoints (8 minutes)'
	@echo 'make bench-coherence   measure how soon changes show through the front (10 minutes)'
	@echo 'make clean   remove $(VENV), $(RUN_DIR) and caches'
	@echo 'PYTHON=python3.12 names another interpreter (3.11 or later)'

run: $(VENV)/.runtime
	@exec $(VPY) -m localrun --run-dir='$(RUN_DIR)' $(CLUSTER) \
	  --devcluster-port=$(DEVCLUSTER_PORT) --kubedns-port=$(KUBEDNS_PORT) \
	  --kubedns-health-port=$(KUBEDNS_HEALTH_PORT) \
	  --kubedns-metrics-port=$(KUBEDNS_METRICS_PORT) \
	  --front-port=$(FRONT_PORT) --front-status-port=$(FRONT_STATUS_PORT) \
	  --sidecar-port=$(SIDECAR_PORT)

test: tools check
	@echo 'test: the whole suite'
	@STRICT_TOOLS=$(STRICT_TOOLS) $(VPY) -m pytest -n $(TEST_JOBS) --dist loadfile

tools: $(VENV)/.test
	@$(VPY) -m gates.install_tools

check: $(VENV)/.test
	@echo 'check: ruff'
	@$(VPY) -m ruff check --quiet .
	@echo 'check: mypy --strict'
	@$(VPY) -m mypy --no-error-summary
	@echo 'check: import contracts'
	@$(VENV)/bin/lint-imports
	@echo 'check: sizes'
	@$(VPY) -m gates.size $(PACKAGES) tests

# Needs a C compiler, and Debian's dnsperf, dnsmasq-base and unbound; what is missing is named.
bench: $(VENV)/.bench
	@$(VPY) -m bench $(BENCH)

bench-quick: $(VENV)/.runtime
	@$(VPY) -m bench --quick $(BENCH)

bench-scale: $(VENV)/.runtime
	@$(VPY) -m bench.scale $(BENCH)

bench-coherence: $(VENV)/.runtime
	@$(VPY) -m bench.coherence $(BENCH)

clean:
	rm -rf $(VENV) $(RUN_DIR) build *.egg-info .coverage
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment whose interpreter is gone (an upgrade took it) is made anew.
ifeq ($(shell test -e $(VPY) && echo there),)
.PHONY: $(VENV)/.python
endif

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'setup: Python 3.11 or later is needed and "$(PYTHON)" is not one;' \
	    'name one: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'setup: "$(PYTHON)" has no venv module; on Debian: apt-get install python3-venv' >&2; \
	  exit 1; }
	@$(VPY) -m pip --version >/dev/null 2>&1 || { printf 'setup: making $(VENV) ... ' && rm -rf $(VENV) \
	  && $(PYTHON) -m venv $(VENV) && echo done; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python setup.cfg constraints/build.txt constraints/runtime.txt
	@printf 'setup: installing the project and its pinned dependencies (once) ... '
	@$(PIP) -r constraints/build.txt -r constraints/runtime.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@ && echo done

$(VENV)/.bench: $(VENV)/.runtime constraints/bench.txt
	@printf 'setup: installing what draws the plot (once) ... '
	@$(PIP) -r constraints/bench.txt
	@touch $@ && echo done

$(VENV)/.test: $(VENV)/.runtime constraints/test.txt
	@printf 'setup: installing the pinned test tools (once) ... '
	@$(PIP) -r constraints/test.txt
	@said=$$($(VPY) -m pip --disable-pip-version-check check) || { echo "$$said"; exit 1; }
	@touch $@ && echo done
