#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the programs in README. Each program is an excerpt from a file of examples/, which other tests compile and run.
# Every line of the excerpt must be in the file of examples/.
set -eu

srcdir=${srcdir:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# section TITLE: prints the indented lines of the section TITLE of README, without the indentation.
section()
{
  awk -v title="$1" '
    $0 == title { inside = 1; next }
    inside && /^---/ { next }
    inside && /^[^ ]/ && seen { exit }
    inside && /^    / { seen = 1; print substr($0, 5) }
  ' "$srcdir/README"
}

# compare TITLE EXAMPLE: checks that each line of code in the section TITLE is in examples/EXAMPLE.
compare()
{
  section "$1" >"$work/lines"
  [ "$(wc -l <"$work/lines")" -ge 20 ] || {
    echo "FAILED: README has no program under \"$1\""
    exit 1
  }
  while IFS= read -r line; do
    grep -qxF -e "$line" "$srcdir/examples/$2" || {
      echo "FAILED: README, \"$1\": this line is not in examples/$2:"
      echo "    $line"
      exit 1
    }
  done <"$work/lines"
}

compare 'The tour, in C++' quick_start.cc
compare 'The same in C' quick_start.c
