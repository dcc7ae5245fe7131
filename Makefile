# The commands of wharf. `make` alone lists them; each has one line of help behind its name.

.DEFAULT_GOAL := help
SHELL := /bin/bash

# Outside the clone, so that a fresh clone on the same machine starts warm.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wharf/target
# Client programs and the Kubernetes control plane, which Debian does not package, built from Go modules by `make test-deps`.
export WHARF_TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wharf/tools

ARGS ?=

.PHONY: help run check test test-deps lint soak bench dist

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## build what is needed, the console too where npm is, and start the server on 127.0.0.1:5000, data in ./data (ARGS="--listen … --data-dir …")
	@scripts/require cargo cc
	@scripts/build-console || echo 'the web console could not be built (see above): the server runs without it' >&2
	@cargo build --locked -p wharf-cli
	@exec "$$CARGO_TARGET_DIR/debug/wharf" serve $(ARGS)

check: ## what to run before each commit: format, lint, unit tests, protocol tests on SQLite (under 3 minutes)
	@scripts/require cargo cc
	@scripts/run-tests lint unit sqlite

test: ## all tests, real clients included; installs nothing, lists at the end what it skipped and why
	@scripts/require cargo cc
	@scripts/run-tests unit sqlite postgresql clients triggers faults attacks sandbox builder agreement console

test-deps: ## install what the tests need: Debian packages (as root) and client programs from Go modules
	@scripts/install-test-deps

lint: ## formatting and clippy, warnings are errors
	@scripts/require cargo cc
	@scripts/run-tests lint

soak: ## the long rounds of kill, power loss and load (half an hour; needs root for the loop mounts)
	@scripts/require cargo cc
	@scripts/run-tests soak

bench: ## measure against other registries in the same run and print a table of targets
	@scripts/require cargo cc
	@cargo build --locked --profile fast -p wharf-cli -p wharf-bench
	@"$$CARGO_TARGET_DIR/fast/wharf-bench" --wharf "$$CARGO_TARGET_DIR/fast/wharf" $(ARGS)

dist: ## the release binary, optimized across crates (slow: 20 minutes on 2 cores)
	@scripts/require cargo cc
	@cargo build --locked --release -p wharf-cli
	@echo "$$CARGO_TARGET_DIR/release/wharf"
