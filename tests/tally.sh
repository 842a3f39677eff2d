#!/bin/sh
# SPDX-License-Identifier: MIT
# tally.sh BUILD-DIRECTORY...: counts the test cases of the last "make check" in each directory. Prints one line for all
# directories, "N passed, N failed, N skipped". A test program that uses libcheck reports its number of cases and its
# skipped cases in its log. Any other test counts as one case. The exit status is 1 if a case failed or if there was no
# case.
set -eu

[ $# -gt 0 ] || set -- .

# For each test x, Automake writes the verdict to x.trs and the output to x.log.
find "$@" -name '*.trs' | sort | while read -r trs; do
  sed -n 's/^:test-result: */verdict /p' "$trs"
  log=${trs%.trs}.log
  if [ -e "$log" ]; then
    sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/cases \1 \2 \3/p' "$log"
    grep '^SKIPPED: ' "$log" | sort -u | sed 's/^.*/left_out/'
  fi
  echo end
done | awk '
  $1 == "verdict" { verdict = $2 }
  $1 == "cases" { cases += $2; bad += $3 + $4 }
  $1 == "left_out" { left_out++ }
  $1 == "end" {
    if (verdict != "SKIP") skipped += left_out
    if (verdict == "PASS") passed += cases + left_out > 0 ? cases : 1
    else if (verdict == "SKIP") skipped++
    else { # A program that fails without naming a case counts as one more failed case.
      if (bad == 0) { bad = 1; cases++ }
      failed += bad; passed += cases - bad
    }
    verdict = ""; cases = 0; bad = 0; left_out = 0
  }
  END {
    print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
    exit failed > 0 || passed == 0
  }'
