#!/bin/sh
# Writes what is generated and committed; with --check only says whether it is up to date.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
sh scripts/weir_node.sh dist/scripts/gen_events.js "$@"
sh scripts/weir_node.sh dist/scripts/gen_docs.js "$@"
sh scripts/weir_node.sh dist/scripts/gen_telemetry_docs.js "$@"
