#!/bin/sh
# SPDX-License-Identifier: MIT
# debian_symbols.sh: reads src/libmio.map, and prints the contents of debian/libmio1.symbols. Each line has three parts:
# a function or a version node, the version node of the function, and the release that added the node. From these lines,
# Debian's tools find the oldest version of libmio1 that has every function that a package calls.
set -eu

map=${srcdir:-$(dirname "$0")/../..}/src/libmio.map
echo 'libmio.so.1 libmio1 #MINVER#'
echo '* Build-Depends-Package: libmio1-dev'
awk '{ sub(/#.*/, "") }
  /^MIO_[0-9.]+[ \t]*\{/ {
    node = $1; sub(/\{.*/, "", node); since = substr(node, 5) ".0"; print " " node "@" node, since }
  /^[ \t]*mio_[a-z0-9_]+;/ { gsub(/[ \t;]/, ""); print " " $0 "@" node, since }' "$map" | LC_ALL=C sort
