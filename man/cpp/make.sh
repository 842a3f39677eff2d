#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the pages of the C++ classes from the headers of C++ and from the programs in man/cpp/:
#   man/cpp/make.sh DIRECTORY
# If Poll.cc exists, Poll.3 shows this program as its example, and Poll.out as the output of the example.
set -eu
export LC_ALL=C
mkdir -p "$1"
to=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

page()
{
  awk "$@" -f man/cpp/page.awk include/mio/*.hpp
}

page -v list=1 | while read -r kind name owner; do
  [ "$owner" = "$name" ] || continue
  case $kind in class | struct) ;; *) continue ;; esac
  title=MIO::$(echo "$name" | tr '[:lower:]' '[:upper:]')
  example=
  [ ! -e "man/cpp/$name.cc" ] || example=man/cpp/$name.cc
  page -v class="$name" -v title="$title" -v example="$example" >"$to/$name.3"
done
