#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes a page for each C++ class, from the C++ headers and the programs in man/cpp/:
#   man/cpp/make.sh DIRECTORY
# For example, the page Poll.3 shows the program Poll.cc, if it exists. Poll.out is the output of the program.
set -eu
export LC_ALL=C
unset CDPATH # otherwise cd may go elsewhere, and prints the directory
mkdir -p "$1"
to=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

page()
{
  awk "$@" -f man/cpp/page.awk include/mio/*.hpp
}

# The assignment ends the script if awk fails. A pipe would hide this failure.
list=$(page -v list=1)
echo "$list" | while read -r kind name owner; do
  [ "$owner" = "$name" ] || continue
  case $kind in class | struct) ;; *) continue ;; esac
  title=MIO::$(echo "$name" | tr '[:lower:]' '[:upper:]')
  example=
  [ ! -e "man/cpp/$name.cc" ] || example=man/cpp/$name.cc
  page -v class="$name" -v title="$title" -v example="$example" >"$to/$name.3"
done
