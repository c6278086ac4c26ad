#!/bin/sh
# Runs a script of ours on the Node that weir itself runs on.
set -eu
root=$(dirname "$(dirname "$(readlink -f "$0")")")
node=$root/build/node/bin/node
[ -x "$node" ] || node=node
exec "$node" --enable-source-maps "$@"
