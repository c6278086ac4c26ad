#!/bin/sh
# Writes what is generated and committed; with --check only says whether it is up to date.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
for made in dist/scripts/gen_events.js build/bpf/x86_64/tcp.bpf.o; do
  [ -e "$made" ] || {
    echo "$made: not built (run \`npm run build\`)" >&2
    exit 1
  }
done
sh scripts/weir_node.sh dist/scripts/gen_events.js "$@"
sh scripts/weir_node.sh dist/scripts/gen_docs.js "$@"
sh scripts/weir_node.sh dist/scripts/gen_telemetry_docs.js "$@"
