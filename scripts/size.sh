#!/usr/bin/env bash
# The bytes that a browser downloads, after brotli, before the list is clickable, and before a room is, against their
# limits. The part with dialogs loads last, when everything else works already.
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

# A part's own file and the files that it shares with others, from the manifest of the split.
files() { node -p "JSON.parse(require('fs').readFileSync('$pkg/__wasm_split_manifest.json'))['$1'].map((name) => name + '.wasm').join(' ')"; }

# Unsent messages in the list, the language that another window chose, Enter in the search of the list and Enter on touch
# screens added 1,430 bytes to the first part, the order of the palette and the place of questions 850 to the dialogs.
# Whole paths of departments, numbers in their order and the text of documents added 450 and 1,200; marks of messages that
# wait for files, people while offline, and announcements 1,300 and 1,350. Announcements of others' edits, recalls and
# reactions and of the match that Enter opens, what a selection and a picker say, the page's own moves in the browser's
# history and messages of closed conversations added 800, 1,900 and 3,400, and 1,100 to people on demand.
first=(daehwa.wasm daehwa.js __wasm_split.______________________.js)
part "first part" 216300 "${first[@]}"
# shellcheck disable=SC2046
part "with conversations" 350900 "${first[@]}" $(files later)
# shellcheck disable=SC2046
part "with dialogs" 455500 "${first[@]}" $(printf '%s\n' $(files later) $(files dialogs) | sort -u)
# The part that loads with the first file: uploads, tray, viewer, list.
# shellcheck disable=SC2046
part "files" 40500 $(comm -23 <(files files | tr ' ' '\n' | sort) <(printf '%s\n' $(files later) $(files dialogs) | tr ' ' '\n' | sort -u))
# The part that loads with the first emoji.
# shellcheck disable=SC2046
part "emojis" 9500 $(comm -23 <(files emojis | tr ' ' '\n' | sort) <(printf '%s\n' $(files later) $(files dialogs) | tr ' ' '\n' | sort -u))
# The part that only large organisations load, before their list is clickable.
# shellcheck disable=SC2046
part "people on demand" 48800 $(files organisation)
exit "$failed"
