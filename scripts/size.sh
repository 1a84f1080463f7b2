#!/usr/bin/env bash
# What a browser downloads before the list hears clicks, and before a conversation does, compressed with brotli,
# against their limits.
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

first=(daehwa.wasm daehwa.js __wasm_split.______________________.js)
part "first part" 200000 "${first[@]}"
part "with the second part" 281000 "${first[@]}" split_later.wasm
exit "$failed"
