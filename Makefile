# Every target does its own set-up: virtual environments here, Debian packages by .ci/need.
#   make demo    analyses a sample that shows both incidents, into reports/incidents
#   make test    all tests, on the compiled and on the plain build
#   make lint    ruff, mypy --strict, cython-lint
#   make bench   tlscap beside its peers on captures of SIZE million bytes each, which are made first
#   make bench-budget  counts instructions a packet against bench/budget.toml
#   make bench-series  four times the connections, up to a million: time and memory
#   make fuzz MINUTES=10 [TARGET=streams]  the coverage-guided fuzzer, over all targets in turn
#   make asan    the compiled build under AddressSanitizer, with samples, corpus and what the fuzzer found
#   make damage ROUNDS=20  damages every connection of every sample so often, and says what then is not so
#   make docs    rebuilds what is generated in docs/
#   make conformance  holds tlscap against the corpus and tshark, into docs/conformance.md
#   make pcaps   makes the samples in pcaps/ anew (root, network namespaces)
#   make clean   removes what these targets made

SHELL := /bin/bash
PYTHON ?= python3
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Neither build may pick up the source tree in place of what is installed.
export PYTHONSAFEPATH := 1
unexport PYTHONPATH

LINTERS := 'ruff>=0.15' 'mypy>=1.19' 'cython-lint>=0.18'
BUILDERS := 'setuptools>=70.1' 'Cython>=3.2'
# What setuptools collected for the last build, but for compiled libraries, may be of files that are gone.
KEEP_LIBRARIES := find build/lib* -type f -not -name '*.so' -delete 2>/dev/null || true
SOURCES := setup.py setup.cfg pyproject.toml $(shell find tlscap -type f -not -name '*.py[co]')
PYTEST := -m pytest -n 2 --dist loadfile -p no:cacheprovider

.PHONY: demo test test-compiled test-plain lint bench bench-series bench-budget docs conformance pcaps clean need-python need-tests fuzz damage asan
.NOTPARALLEL:

demo: .venv/.installed
	@.venv/bin/tlscap analyze pcaps/incidents.pcap -o reports/incidents

test: test-compiled test-plain

test-compiled: .venv/.installed need-tests
	@echo "== tests of the compiled build"
	TLSCAP_EXPECT_BUILD=$$(cat .venv/.installed) .venv/bin/python $(PYTEST)

test-plain: .venv-plain/.installed need-tests
	@echo "== tests of the plain build"
	TLSCAP_EXPECT_BUILD=plain .venv-plain/bin/python $(PYTEST) --ignore=tests/build

# mypy reads the installed dependencies' types, so it runs where they are.
lint: .venv/.linters .venv/.installed
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	PATH=.venv/bin:$$PATH cython-lint $(shell find tlscap -name '*.pxd') --ignore E301 E302 E305 E501

SIZE ?= 60

bench: .venv/.installed .venv-plain/.installed
	.ci/need tcpdump tshark ssldump ndpiReader openssl haproxy nginx curl ip ethtool
	PYTHONSAFEPATH= .venv/bin/python bench/run.py --size $(SIZE)

bench-series: .venv/.installed
	.ci/need tcpdump openssl haproxy nginx curl ip ethtool
	PYTHONSAFEPATH= .venv/bin/python bench/series.py

bench-budget: .venv/.installed
	@.ci/need valgrind
	@if grep -qx compiled .venv/.installed; then PYTHONSAFEPATH= .venv/bin/python bench/instructions.py; \
	else echo 'The engine is not compiled here: its instructions are not counted.'; fi

MINUTES ?= 10
TARGET ?=
fuzz: .venv-plain/.installed
	@.venv-plain/bin/pip install -q 'atheris>=3'
	PYTHONSAFEPATH= PYTHONPATH=tests:fuzz .venv-plain/bin/python fuzz/run.py --minutes $(MINUTES) $(TARGET)

ROUNDS ?= 20
damage: .venv/.installed
	cd tests && PYTHONSAFEPATH= ../.venv/bin/python -m samples.damage $(ROUNDS)

# Python's own allocator hides what is read beyond an object, so every object is malloc's. What throws in C++ (duckdb)
# needs libstdc++ before it, and what is found is written to where pytest does not catch it.
ASAN_TESTS := tests/corpus tests/samples tests/test_finds.py tests/engine tests/capture tests/judge tests/tables
asan: .venv/.installed need-tests
	@rm -rf build/asan && mkdir -p build/asan && cp -r tlscap setup.py setup.cfg pyproject.toml README.md LICENSE NOTICE build/asan
	cd build/asan && CFLAGS="-O1 -g1 -w -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined" \
	    TLSCAP_REQUIRE_COMPILED=1 ../../.venv/bin/python setup.py -q build_ext --inplace
	PYTHONPATH=build/asan PYTHONMALLOC=malloc LD_PRELOAD="$$($(or $(CC),cc) -print-file-name=libasan.so) $$($(or $(CC),cc) -print-file-name=libstdc++.so)" \
	    ASAN_OPTIONS=detect_leaks=0:log_path=$(CURDIR)/build/asan/found UBSAN_OPTIONS=print_stacktrace=1:log_path=$(CURDIR)/build/asan/found \
	    .venv/bin/python -m pytest -q -p no:cacheprovider -k 'not memory and not megabytes_a_second' $(ASAN_TESTS) \
	    || { cat build/asan/found.* 2>/dev/null; exit 1; }

docs: .venv/.installed
	.venv/bin/python -m tlscap.tables.document > docs/tables.md
	.venv/bin/python -m tlscap.cli.document > docs/cli.md
	cd tests && PYTHONSAFEPATH= ../.venv/bin/python -m limits.document > ../docs/limits.new && mv ../docs/limits.new ../docs/limits.md

conformance: .venv/.installed
	.ci/need tshark
	cd tests && PYTHONSAFEPATH= ../.venv/bin/python -m conformance.document > ../docs/conformance.new
	mv docs/conformance.new docs/conformance.md

pcaps: .venv/.installed
	.ci/need openssl haproxy nginx curl socat tcpdump ip ss setpriv ethtool
	PYTHONSAFEPATH= .venv/bin/python pcaps/make.py

clean:
	rm -rf .venv .venv-plain build dist *.egg-info .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two builds. A stamp says which build it became: compiled, or plain where no compiler is to be had.

.venv/.installed: $(SOURCES) build/.clean | need-python
	@echo "Installing tlscap into .venv; compiling the engine takes a minute or two ..."
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@.venv/bin/pip install -q $(BUILDERS)
	@$(KEEP_LIBRARIES)
	@if .ci/need cc; then \
	    TLSCAP_REQUIRE_COMPILED=1 .venv/bin/pip install -q --no-build-isolation '.[test]' && echo compiled > $@; \
	else \
	    echo 'No C compiler: the engine is installed as plain Python, many times slower.' >&2; \
	    TLSCAP_PLAIN=1 .venv/bin/pip install -q --no-build-isolation '.[test]' && echo plain > $@; \
	fi

.venv-plain/.installed: $(SOURCES) build/.clean | need-python
	@echo "Installing tlscap as plain Python into .venv-plain ..."
	@test -x .venv-plain/bin/pip || $(PYTHON) -m venv .venv-plain
	@.venv-plain/bin/pip install -q $(BUILDERS)
	@$(KEEP_LIBRARIES)
	@TLSCAP_PLAIN=1 .venv-plain/bin/pip install -q --no-build-isolation '.[test]'
	@echo plain > $@

.venv/.linters: Makefile | .venv/.installed
	@.venv/bin/pip install -q $(LINTERS)
	@touch $@

# Cython does not notice that the directives in setup.py have changed.
build/.clean: setup.py
	@rm -rf build
	@mkdir build
	@touch $@

need-python:
	@.ci/need venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tlscap needs Python 3.11 or later: make PYTHON=...")'

need-tests:
	@.ci/need tshark libpcap openssl haproxy nginx tcpdump ip ss setpriv ethtool
