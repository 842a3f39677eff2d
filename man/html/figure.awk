# SPDX-License-Identifier: MIT
# Puts each diagram of a page at the end of the text of its section. -v own=FILE names the page, and -v from=DIRECTORY
# has the diagrams. -v figures=FILE has a line "FILE SECTION NAME TITLE", with tabs, for each diagram. The script copies
# the SVG into the page, so a diagram has the colours and the type of the page, and a reader can select its text.

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
