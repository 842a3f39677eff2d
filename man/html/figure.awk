# SPDX-License-Identifier: MIT
# Puts the diagrams of a page below the text of their sections. The option -v own=FILE gives the file name of this page,
# without the suffix .html. The option -v from=DIRECTORY names the directory of the diagrams. The option -v figures=FILE
# names a file that lists the diagrams. Each line of this file has four fields, separated by tabs: FILE, SECTION, NAME
# and TITLE. The script copies the SVG into the page. So the diagram has the colours and fonts of the page, and a reader
# can select the text of the diagram.

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
