#!/usr/bin/env bash
# Installs everything that a build and the tests of Daehwa need. Idempotent: takes seconds if everything is installed.
#   setup.sh          for a build and the Rust tests: wasm32 target, cargo-leptos, wasm-bindgen, wasm-opt, PostgreSQL,
#                     nats-server
#   setup.sh browser  for a build and the tests: also Chromium, Korean and emoji fonts, nginx, tuspy
#   setup.sh tests    for the browser tests alone: node packages, Chromium, fonts, nginx, tuspy
#   setup.sh cluster  for a build and `make run-cluster`: also nginx
#   setup.sh bench    for a build and `make bench`: also the compared servers (bun, ws, socket.io, Python's
#                     websockets, Prosody) and Redis, which connects several processes of socket.io
#   setup.sh autobahn for a build and `make autobahn`: also Autobahn's suite, a program for Python 2.7
# Programs are installed in $DAEHWA_TOOLS (default ~/.cache/daehwa-tools), so that other installed versions stay.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/versions.env
. scripts/versions.env
tools=${DAEHWA_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/daehwa-tools}

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

require_toolchains() {
  command -v rustc >/dev/null || fail "Rust is missing: install rustc and cargo $RUST_MINIMUM or newer (https://rustup.rs)"
  local rust node
  rust=$(rustc --version | cut -d' ' -f2)
  at_least "$rust" "$RUST_MINIMUM" || fail "rustc $rust is too old: $RUST_MINIMUM or newer is needed"
  command -v node >/dev/null && command -v npm >/dev/null || fail "Node.js is missing: install node and npm, version $NODE_MINIMUM or newer"
  node=$(node --version)
  at_least "${node#v}" "$NODE_MINIMUM" || fail "node $node is too old: $NODE_MINIMUM or newer is needed"
  command -v cc >/dev/null || apt_install build-essential "a C compiler (cc), for SQLite"
}

apt_install() { # packages, what they are for
  local sudo=""
  command -v apt-get >/dev/null || fail "please install $2 with your system's package manager (Debian's packages: $1)"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "please install $2 as root: apt-get install $1"
    sudo=sudo
  fi
  say "installing $2: $1"
  # If the list cannot be refreshed (one of several mirrors is down), it may still have the package.
  $sudo apt-get update -qq >&2 || say "apt-get update had errors; trying with what is known"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 $1 >&2 || fail "apt-get could not install $1"
}

cargo_tool() { # program, version, arguments of cargo install
  local program=$1 version=$2
  shift 2
  if "$tools/bin/$program" --version 2>/dev/null | grep -qF " $version"; then return; fi
  say "building $program $version (minutes, once)"
  # The tools are not part of the product: unoptimized, they build in half the time. cargo-leptos uses the system's
  # OpenSSL if its headers are installed, instead of compiling a copy.
  local openssl=()
  if pkg-config --exists openssl 2>/dev/null; then openssl=(OPENSSL_NO_VENDOR=1); fi
  env "${openssl[@]}" CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    RUSTFLAGS="" CARGO_TARGET_DIR="$tools/build" cargo install --quiet --root "$tools" --force --version "$version" "$@" >&2
}

node_packages() {
  local stamp=end2end/node_modules/.package-lock.json
  if [ -e "$stamp" ] && [ ! end2end/package-lock.json -nt "$stamp" ]; then return; fi
  say "installing node packages"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund --loglevel=error >&2
  touch "$stamp"
}

browser() {
  local chromium=${CHROMIUM:-}
  [ -n "$chromium" ] || chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
  [ -n "$chromium" ] || apt_install chromium "Chromium, for the browser tests"
  fc-list :lang=ko 2>/dev/null | grep -q . || apt_install "fontconfig fonts-nanum" "Korean fonts, so that screenshots show Korean"
  fc-list 2>/dev/null | grep -qi emoji || apt_install "fonts-noto-color-emoji" "emoji fonts"
  nginx
}

nginx() {
  type -P nginx >/dev/null || [ -x /usr/sbin/nginx ] || apt_install nginx "nginx, for the tests behind a proxy and the cluster"
}

# The programs alone: the tests start a server of their own. Debian's package would create a cluster and start it.
postgres() {
  [ -n "${DAEHWA_POSTGRES:-}" ] && return
  for programs in /usr/lib/postgresql/*/bin; do
    if [ -x "$programs/postgres" ]; then return; fi
  done
  local sudo="" settings=/etc/postgresql-common/createcluster.conf
  [ "$(id -u)" = 0 ] || sudo=sudo
  apt_install postgresql-common "PostgreSQL, for the tests of the store"
  if [ -e "$settings" ]; then
    $sudo sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' "$settings"
  fi
  apt_install postgresql "PostgreSQL, for the tests of the store"
}

# The program alone: tests and benchmarks start servers of their own. Debian's package would start its service.
without_service() { # package, what it is for
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  if [ -d /run/systemd/system ]; then $sudo systemctl --quiet mask "$1.service"; fi
  apt_install "$1" "$2"
}

nats() {
  [ -n "${DAEHWA_NATS:-}" ] && return
  if command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ]; then return; fi
  without_service nats-server "nats-server, for the tests of the bus"
}

# Another client of tus. Without it, its tests are skipped and all others run.
tuspy() {
  local python=target/test-python
  if [ -e "$python/.done" ] && [ ! end2end/requirements.txt -nt "$python/.done" ]; then return; fi
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    say "python3 with its module venv is missing: going on without tuspy, whose tests are skipped"
    return
  fi
  say "installing tuspy"
  if python3 -m venv "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check --timeout 20 --retries 1 --requirement end2end/requirements.txt >&2; then
    touch "$python/.done"
  else
    rm -rf "$python"
    say "tuspy could not be installed: going on without it, its tests are skipped"
  fi
}

compared() { # directory, what it is, arguments of npm ci
  local directory=$1 what=$2 stamp=$1/node_modules/.package-lock.json
  shift 2
  if [ -e "$stamp" ] && [ ! "$directory/package-lock.json" -nt "$stamp" ]; then return; fi
  say "installing $what"
  npm ci --prefix "$directory" --no-audit --no-fund --loglevel=error "$@" >&2
  touch "$stamp"
}

bench() {
  local servers=benches/peers/servers python=target/bench-python
  compared "$servers" "bun, ws, socket.io and its Redis adapter"
  compared benches/clients "Converse and The Lounge" --omit=optional --ignore-scripts
  if [ ! -e "$python/.done" ] || [ "$servers/requirements.txt" -nt "$python/.done" ]; then
    say "installing Python's websockets"
    python3 -c 'import ensurepip' 2>/dev/null || apt_install "python3 python3-venv" "Python, for one of them"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --requirement "$servers/requirements.txt" >&2
    touch "$python/.done"
  fi
  # Without it, the other servers are still compared.
  command -v prosody >/dev/null || (apt_install "prosody lua-unbound" "Prosody, a chat server with an archive") || say "going on without Prosody"
  command -v redis-server >/dev/null || (without_service redis-server "Redis, for several processes of socket.io") || say "going on without Redis"
}

autobahn() {
  local suite=target/autobahn python=${PYTHON2:-}
  if [ -e "$suite/.done" ] && [ ! scripts/autobahn.txt -nt "$suite/.done" ]; then return; fi
  for candidate in "$python" python2.7 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7; do
    # A program of that name may fail to run, such as pyenv's shims.
    if "$candidate" -m pip --version >/dev/null 2>&1; then python=$candidate; break; fi
    python=""
  done
  [ -n "$python" ] || fail "Autobahn's suite needs Python 2.7 with pip: install one and say where it is with PYTHON2="
  say "installing Autobahn's suite"
  # The last version that creates environments for Python 2.7.
  "$python" -m pip install --quiet --disable-pip-version-check --target "$suite/virtualenv" 'virtualenv==20.15.1' >&2
  PYTHONPATH=$suite/virtualenv "$python" -m virtualenv --quiet "$suite/python" >&2
  "$suite/python/bin/pip" install --quiet --disable-pip-version-check --requirement scripts/autobahn.txt >&2
  touch "$suite/.done"
}

for_tests() { node_packages; browser; tuspy; }

require_toolchains
if [ "${1:-}" = tests ]; then for_tests; exit; fi
postgres
nats
scripts/wasm-target.sh
# Downloads wait for the network, the tools for the processors.
if [ "${1:-}" = browser ]; then for_tests & fi
cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" --locked --features no_downloads cargo-leptos
# Its lock file names a crate that not every registry mirror has, hence no --locked.
cargo_tool wasm-bindgen "$WASM_BINDGEN_VERSION" wasm-bindgen-cli
# Both tools share crates.
rm -rf "$tools/build"
if [ "${1:-}" = browser ]; then wait $!; else node_packages; fi
if [ "${1:-}" = cluster ]; then nginx; fi
if [ "${1:-}" = bench ]; then bench; fi
if [ "${1:-}" = autobahn ]; then autobahn; fi
