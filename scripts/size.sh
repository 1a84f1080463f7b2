#!/usr/bin/env bash
# What a browser downloads before it runs our program, compressed with brotli, against its limit.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$((250 * 1024))
wasm=$(stat -c %s target/site/pkg/daehwa.wasm.br)
js=$(stat -c %s target/site/pkg/daehwa.js.br)
total=$((wasm + js))
printf 'size: WASM %d + JS %d = %d bytes (brotli), limit %d\n' "$wasm" "$js" "$total" "$limit"
[ "$total" -le "$limit" ] || { echo "size: over the limit" >&2; exit 1; }
