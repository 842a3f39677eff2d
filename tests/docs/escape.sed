# SPDX-License-Identifier: MIT
# Escapes a program for a manual page, so that the text that a reader copies from a terminal compiles:
#   sed -f tests/docs/escape.sed program.c
s/\\/\\e/g
s/-/\\-/g
s/'/\\(aq/g
s/`/\\(ga/g
s/\^/\\(ha/g
s/~/\\(ti/g
s/^\./\\\&./
