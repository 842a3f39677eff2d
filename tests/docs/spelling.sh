#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that codespell finds no misspelt word in the documents, the manual and the code. The test leaves out the
# corpora of the fuzz targets, which are bytes and not words.
. "$(dirname "$0")/../abi/common.sh"

need codespell codespell
cd "$srcdir" || exit 99
codespell --skip fuzz/corpus README NEWS CONTRIBUTING DESIGN SECURITY include src man examples tests bench fuzz >"$tmp/words" 2>&1 || {
  problem "misspelt:"
  cat "$tmp/words"
  mend "add a correct word to .codespellrc, with the reason"
}

finish
