#!/usr/bin/env bash
# Run by `cargo leptos end-to-end` after its build: the browser tests against that build (debug, unless DAEHWA_BIN
# names another program). Installs the browser and the node packages when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh tests
DAEHWA_BIN=${DAEHWA_BIN:-$PWD/target/debug/daehwa} npm test --prefix end2end
