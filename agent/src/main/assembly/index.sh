#!/bin/sh
# index.sh FROM TO: writes TO/KIND/index.txt, the file names in FROM/KIND, for each kind of packed configuration.
set -eu
for kind in profiles factors tariffs reports; do
  mkdir -p "$2/$kind"
  if [ -d "$1/$kind" ]; then LC_ALL=C ls "$1/$kind"; fi >"$2/$kind/index.txt"
done
