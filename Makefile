# CI runs the same commands as a person.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
TOOLS ?= $(or $(DAEHWA_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/daehwa-tools)
export PATH := $(TOOLS)/bin:$(CURDIR)/scripts/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)
ARGS ?= --demo

.DEFAULT_GOAL := help
.PHONY: help setup setup-browser setup-bench setup-cluster run run-cluster dev build test check rust e2e size measure screens torture cluster bench bench-hot bench-sockets autobahn loom idle clean

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: build ## Install what is missing, build the release, start it with demo people (ARGS= for your own data)
	target/release/daehwa $(ARGS)

run-cluster: build setup-cluster ## Install what is missing, build the release, start PostgreSQL, NATS, three nodes with demo people and nginx (docs/scale.md)
	@scripts/run_cluster.sh

test: setup-browser check size e2e rust ## Install what is missing, run everything: format, lints, Rust tests, browser tests, sizes

setup: ## Install what a build needs (seconds when everything is installed)
	@scripts/setup.sh

setup-cluster:
	@scripts/setup.sh cluster

setup-browser: ## Install what a build and the browser tests need
	@scripts/setup.sh browser

dev: setup ## Build, serve with demo people, and rebuild on every change
	DAEHWA_DEMO=true cargo leptos watch --split

# cargo-leptos would end with its own backtrace, behind which the compiler's error is easily missed.
build: export RUST_BACKTRACE = 0
build: setup ## Build the release: the single file target/release/daehwa
	cargo leptos build --release --split --precompress

check: setup
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy -p daehwa-front -p daehwa-client --no-default-features --features daehwa-client/hydrate --target wasm32-unknown-unknown --target-dir target/front -- -D warnings

rust: setup
	cargo test

e2e: setup-browser build ## Run the browser tests against the release build
	npm test --prefix end2end

size: build
	@scripts/size.sh

measure: setup-browser build ## Measure time to content and to clicks on a slow machine, beside other web clients; the cost of a flood; memory after an hour
	npm run measure --prefix end2end

screens: setup-browser build ## Take the screenshots of docs/screens again
	npm run screens --prefix end2end

torture: build ## Run the long tests of cuts, kills, full disks and malformed frames; print the table of docs/reliability.md
	DAEHWA_TORTURE=1 DAEHWA_BIN=$(CURDIR)/target/release/daehwa cargo test --test messenger -- torture:: --nocapture --test-threads=1 | tee target/torture.log
	@printf '\n| test | pass | seen |\n| --- | --- | --- |\n' && grep '^| ' target/torture.log

cluster: build ## Run the long tests of several nodes on one PostgreSQL: kills, pauses, partitions, failovers; print their table (a quarter of an hour)
	DAEHWA_CLUSTER=1 DAEHWA_BIN=$(CURDIR)/target/release/daehwa cargo test --test messenger -- cluster:: --nocapture --test-threads=1 | tee target/cluster.log
	@printf '\n| test | pass | seen |\n| --- | --- | --- |\n' && grep '^| ' target/cluster.log

setup-bench: ## Install the servers and web clients that `make bench` and `make measure` compare with
	@scripts/setup.sh bench

bench: build setup-bench ## Measure fan-out, posts, arrivals and resumes beside other servers; write docs/performance (45 minutes)
	BENCH_PYTHON=$${BENCH_PYTHON:-$(CURDIR)/target/bench-python/bin/python} cargo bench --bench peers

bench-hot: setup ## Measure the paths of a message and the main page, one by one (minutes)
	cargo bench --bench hot

bench-sockets: setup ## Measure the codec and the outbox beside the libraries that could replace them (seconds; `ulimit -n` above 7000)
	cargo run --release -p daehwa-server --example websocket_libraries

loom: setup ## Explore the hand-over between a connection's task and the delivery workers (seconds)
	cargo test -p daehwa-server --test hand_over

autobahn: setup ## Run Autobahn's test suite for WebSocket framing (needs Python 2.7)
	@scripts/setup.sh autobahn
	DAEHWA_WSTEST=$(CURDIR)/target/autobahn/python/bin/wstest cargo test --lib -- --ignored --nocapture the_suite_finds_nothing_wrong

idle: build ## Measure the memory of an idle connection, at 5,000
	DAEHWA_BIN=$(CURDIR)/target/release/daehwa cargo test --test messenger -- --ignored --nocapture idle

clean: ## Delete the build
	cargo clean
