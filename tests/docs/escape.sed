# SPDX-License-Identifier: MIT
# Escapes a program for a manual page. A reader can then copy the program from a terminal and compile it:
#   sed -f tests/docs/escape.sed program.c
s/\\/\\e/g
s/-/\\-/g
s/'/\\(aq/g
s/`/\\(ga/g
s/\^/\\(ha/g
s/~/\\(ti/g
s/^\./\\\&./
