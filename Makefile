# What a person runs and what CI runs is the same list.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
TOOLS ?= $(or $(DAEHWA_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/daehwa-tools)
export PATH := $(TOOLS)/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)
ARGS ?= --demo

.DEFAULT_GOAL := help
.PHONY: help setup setup-browser setup-bench run dev build test check rust e2e size measure screens torture bench bench-hot autobahn idle clean

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: build ## Set up what is missing, build the release, start it with demo people (ARGS= for your own data)
	target/release/daehwa $(ARGS)

test: setup-browser check size e2e rust ## Set up and pass everything: format, lints, Rust tests, browser tests, sizes

setup: ## Install what a build needs (seconds when all is there)
	@scripts/setup.sh

setup-browser: ## Install what a build and the browser tests need
	@scripts/setup.sh browser

dev: setup ## Build, serve with demo people, and rebuild on every change
	DAEHWA_DEMO=true cargo leptos watch --split

build: setup ## Build the release: one file, target/release/daehwa, that carries everything
	cargo leptos build --release --split --precompress

check: setup
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --lib --target wasm32-unknown-unknown --no-default-features --features hydrate --target-dir target/front -- -D warnings

rust: setup
	cargo test

e2e: setup-browser build ## Pass the browser tests against the release build
	npm test --prefix end2end

size: build
	@scripts/size.sh

measure: setup-browser build ## Time to content and to clicks on a slow machine, beside other web clients; what a flood costs, a window after an hour
	npm run measure --prefix end2end

screens: setup-browser build ## Make the screenshots of docs/screens again
	npm run screens --prefix end2end

torture: build ## Cut, kill, starve and confuse the release build; print the table of docs/reliability.md
	DAEHWA_TORTURE=1 DAEHWA_BIN=$(CURDIR)/target/release/daehwa cargo test --test messenger -- torture:: --nocapture --test-threads=1 | tee target/torture.log
	@printf '\n| test | pass | seen |\n| --- | --- | --- |\n' && grep '^| ' target/torture.log

setup-bench: ## Install the servers and web clients that `make bench` and `make measure` compare with
	@scripts/setup.sh bench

bench: build setup-bench ## Measure beside other servers, saved posts, arrivals, returns; rows and plot into docs/performance (three quarters of an hour)
	BENCH_PYTHON=$${BENCH_PYTHON:-$(CURDIR)/target/bench-python/bin/python} cargo bench --bench peers

bench-hot: setup ## Measure the paths that every message takes, one by one (minutes)
	cargo bench --bench hot

autobahn: setup ## Pass Autobahn's public suite of WebSocket's framing (needs a Python 2.7)
	@scripts/setup.sh autobahn
	DAEHWA_WSTEST=$(CURDIR)/target/autobahn/python/bin/wstest cargo test --lib -- --ignored --nocapture the_suite_finds_nothing_wrong

idle: build ## Measure what an idle connection costs, at 5,000
	DAEHWA_BIN=$(CURDIR)/target/release/daehwa cargo test --test messenger -- --ignored --nocapture idle

clean: ## Throw away what was built
	cargo clean
