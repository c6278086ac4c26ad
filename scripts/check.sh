#!/bin/sh
# Format, lint, types, and whether the generated files are what their sources give.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
node_modules/.bin/biome check --error-on-warnings .
find bpf native -name '*.[ch]' -o -name '*.cc' -o -name '*.bpf.c' | xargs clang-format --dry-run -Werror
node_modules/.bin/tsc -p .
npm run --silent gen -- --check
echo '1 passed, 0 failed, 0 skipped'
