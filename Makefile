# The developer's and the owner's interface; `make help` lists it.
PYTHON ?= python3
INSTALL := $(PYTHON) hub/uraniborg_hub/laptop/install.py
BIN := .venv/bin

# Without compiled modules every server and lab that starts would compile a thousand anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install up test check test-fast wheelhouse lock images clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Make .venv from the hashed lock
	@$(INSTALL) runtime

up: install ## Start the platform here and print a sign-in link (Ctrl-C ends it)
	@exec $(BIN)/uraniborg up

test: ## Install what the tests need, check the code, run all tests but the cluster ones
	@$(INSTALL) dev
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not cluster and not browser" $(ARGS)
	$(BIN)/python -m pytest -m "browser" $(ARGS)

test-fast: ## The tests that start neither platform nor browser
	@$(INSTALL) dev
	$(BIN)/python -m pytest -m "not (cluster or platform or browser or peers)" $(ARGS)

.PHONY: test-cluster
test-cluster: ## Run the platform on KUBECONFIG's cluster, or on one started here as root; FULL=1: every test
	@$(INSTALL) dev
	$(BIN)/python -m pytest -m "cluster" $(if $(FULL),tests/cluster,$(addprefix tests/cluster/,$(SMOKE))) $(ARGS)
SMOKE := test_smoke.py test_browser.py

.PHONY: bench
bench: ## Measure beside peers, ONLY=cluster one subject; figures go to URANIBORG_BENCH_OUT too (.bench)
	@$(INSTALL) dev
	$(BIN)/python -m pytest -q -s $(wildcard tests/benchmarks/bench_$(ONLY)*.py) $(ARGS)

check: ## Lint and check types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheelhouse: install ## Fill wheelhouse/ for a machine without a network
	@$(INSTALL) wheelhouse wheelhouse

lock: ## Resolve the locks anew from pyproject.toml
	@$(INSTALL) dev
	$(BIN)/uv pip compile pyproject.toml --all-extras $(LOCK) -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --extra hub --extra portal --extra lab -c requirements-dev.lock $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra hub --extra kubernetes --extra postgresql -c requirements-dev.lock $(LOCK) -o requirements-hub.lock
	$(BIN)/uv pip compile pyproject.toml --extra portal --extra dask --extra postgresql --extra s3 -c requirements-dev.lock $(LOCK) -o requirements-portal.lock
	$(BIN)/uv pip compile requirements-install.in -c requirements-dev.lock $(LOCK) -o requirements-install.lock
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

images: ## Build the images of hub, portal and lab (IMAGES, TAG, BASE, REGISTRY, ENGINE, SOURCE)
	@$(PYTHON) images/build.py $(addprefix --,$(filter-out %=,$(IMAGE))) $(IMAGES)
IMAGE = tag=$(TAG) base=$(BASE) registry=$(REGISTRY) engine=$(ENGINE) source=$(SOURCE)

clean: ## Remove the environment (state and notebooks stay)
	rm -rf .venv
