# SPDX-License-Identifier: MIT
# Puts the diagrams of a page below the text of their sections. -v own=FILE names the page. The directory
# -v from=DIRECTORY contains the diagrams. The file -v figures=FILE has a line for each diagram: "FILE SECTION NAME
# TITLE", separated by tabs. The script copies the SVG into the page. So the diagram has the colours and fonts of the
# page, and a reader can select its text.

BEGIN {
  FS = "\t"
  while ((getline <figures) > 0) if ($1 == own) { diagram[$2] = $3; title[$2] = $4 }
}

section != "" && /<\/?section/ {
  show(diagram[section], title[section])
  section = ""
}
match($0, /class="S[hs]" id="[^"]*"/) {
  id = substr($0, RSTART + 15, RLENGTH - 16)
  if (id in diagram) section = id
}
{ print }

function show(name, title, line, inside)
{
  print "<figure id=\"" name "-diagram\"><div class=\"scroll\">"
  while ((getline line <(from "/" name ".svg")) > 0) {
    if (line ~ /^<svg/) inside = 1
    if (inside) print line
  }
  print "</div>\n<figcaption>" title "</figcaption>\n</figure>"
}
