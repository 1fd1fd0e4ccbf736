#!/bin/sh
# Compiles a user's source with the flags that pkg-config gives: pkg_config.sh SOURCE OUTPUT_DIR
set -eu

mkdir -p "$2"
# The flags are several words.
# shellcheck disable=SC2046
"$CXX" -std=c++20 "$1" $("$PKG_CONFIG" --cflags --libs event_draft) -o "$2/consumer"
