# SPDX-License-Identifier: MIT
# Writes a program as a manual page needs it, so that what the reader copies from a terminal compiles:
#   sed -f tests/docs/escape.sed program.c
s/\\/\\e/g
s/-/\\-/g
s/'/\\(aq/g
s/`/\\(ga/g
s/\^/\\(ha/g
s/~/\\(ti/g
s/^\./\\\&./
