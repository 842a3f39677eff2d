# SPDX-License-Identifier: MIT
# Reads the lines that examples.awk prints, and prints the list of the examples. Each folder has an anchor in the list.

BEGIN {
  print "<h1>Examples</h1>"
  print "<p>The folder <code>examples</code> has complete programs to copy. Its Makefile builds the programs with the"
  print "installed library. With <code>--help</code>, every program prints its purpose.</p>"
  print "<dl id=\"README\">"
}

$3 != program {
  if (program != "") print "</div></dd>"
  program = folder = $3
  anchor = sub(/\/.*/, "", folder) && !(folder in seen) ? " id=\"" folder "\"" : ""
  seen[folder]
  print "<dt" anchor ">" program "</dt><dd>" $4 ".<div class=\"files\">"
}

{ print "<a href=\"" $1 ".html\">" $2 "</a>" }

END { print "</div></dd>\n</dl>" }
