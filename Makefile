# What to do with a checkout of Roost: `make help` is the table of contents.
# Everything that is longer than a line is Python: tools/, tests/.

VENV := .venv
PYTHON := $(VENV)/bin/python
ROOST := $(VENV)/bin/roost
PYTEST := $(PYTHON) -m pytest
READY := $(VENV)/.complete
# Docker's tests beside Podman's, and the small ones on two cores (tests/conftest.py).
TWO_BY_TWO := -n 2
# And tests of several hosts, which wait a lot, beside both. Only root can make hosts.
HOSTS := $(if $(filter 0,$(shell id -u)),tests/hosts)
# The engines that tests need: installed and started if they are not, and stopped again if they were not.
WITH_ENGINES := $(PYTHON) -m tests.enginehost run --

.DEFAULT_GOAL := help
.PHONY: help venv demo test unit golden contract e2e e2e-forky test-hosts lint bench reproducible wheel docs clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

venv: $(READY) ## Make .venv, with roost at .venv/bin/roost

$(READY): pyproject.toml src/roost/version.py tools/make_venv.py
	@python3 tools/make_venv.py $(VENV)

demo: venv ## From nothing: engine, images, pool and real work; leaves the pool up
	$(ROOST) setup --yes
	$(ROOST) demo

test: venv ## All tests, from nothing (as root those of several hosts, too); cleans up after itself
	$(WITH_ENGINES) $(ROOST) setup --yes
	$(WITH_ENGINES) $(PYTEST) $(TWO_BY_TWO) tests/repo tests/unit tests/golden
	$(WITH_ENGINES) $(PYTEST) -n 3 tests/contract tests/e2e $(HOSTS)

unit: venv ## Tests that need no engine, in seconds
	$(PYTEST) $(TWO_BY_TWO) tests/unit tests/golden

golden: venv ## Write the expected outputs anew, to be read with git diff
	UPDATE_GOLDEN=1 $(PYTEST) tests/golden

contract: venv ## The same engine tests on the fake, on Docker and on Podman
	$(WITH_ENGINES) $(PYTEST) $(TWO_BY_TWO) tests/contract

e2e: venv ## A real pool with real jobs
	$(WITH_ENGINES) $(PYTEST) $(TWO_BY_TWO) tests/e2e

e2e-forky: venv ## The same with HTCondor from Debian's next release
	ROOST_TEST_SUITE=forky $(WITH_ENGINES) $(PYTEST) -n 3 tests/e2e

test-hosts: venv ## One pool on several hosts, which are made on this machine; needs root
	$(WITH_ENGINES) $(PYTEST) tests/hosts

lint: venv ## Linters, types, layers and documentation
	$(PYTEST) tests/repo

bench: venv ## Measure, beside the engine alone and a stock pool
	$(WITH_ENGINES) $(PYTHON) -m bench

reproducible: venv ## Build the images twice and compare their layers, file by file
	$(WITH_ENGINES) $(PYTHON) -m tools.reproducible $(OPTIONS)

wheel: venv ## dist/roost-*.whl, for pip install elsewhere
	$(PYTHON) -m build --wheel --no-isolation

docs: venv ## Write the generated pages of docs/
	$(PYTHON) -m tools.generate_docs

clean: ## Remove what make made; pools stay (roost ls, roost down)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
