#!/usr/bin/env bash
# What a browser downloads before the list hears clicks, and before a conversation does, compressed with brotli,
# against their limits. The part with dialogs loads last, when everything else works already.
set -euo pipefail
cd "$(dirname "$0")/.."
pkg=target/site/pkg
failed=0

part() { # name, limit, files
  local name=$1 limit=$2 total=0 file
  shift 2
  for file in "$@"; do total=$((total + $(stat -c %s "$pkg/$file.br"))); done
  printf 'size: %s %d bytes (brotli), limit %d\n' "$name" "$total" "$limit"
  [ "$total" -le "$limit" ] || { echo "size: $name is over the limit" >&2; failed=1; }
}

# A part's own file and what it shares with others, by the manifest that the split writes.
files() { node -p "JSON.parse(require('fs').readFileSync('$pkg/__wasm_split_manifest.json'))['$1'].map((name) => name + '.wasm').join(' ')"; }

first=(daehwa.wasm daehwa.js __wasm_split.______________________.js)
part "first part" 200000 "${first[@]}"
# shellcheck disable=SC2046
part "with conversations" 281000 "${first[@]}" $(files later)
# shellcheck disable=SC2046
part "with dialogs" 330000 "${first[@]}" $(printf '%s\n' $(files later) $(files dialogs) | sort -u)
exit "$failed"
