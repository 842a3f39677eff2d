# SPDX-License-Identifier: MIT
# Puts a heading and a table of contents before a page. -v title=TEXT gives the heading. The script moves the headings
# of mandoc one level down, so that the page has one h1.

{
  gsub(/<h2 class="Ss"/, "<h3 class=\"Ss\"")
  gsub(/<\/h2>/, "</h3>")
  gsub(/<h1 class="Sh"/, "<h2 class=\"Sh\"")
  gsub(/<\/h1>/, "</h2>")
  line[NR] = $0
  heading = heading (heading == "" ? "" : " ") $0
  if (heading !~ /<h[23] class="S[hs]" id="/)
    heading = ""
  else if (/<\/h[23]>/) {
    add(heading)
    heading = ""
  }
}

END {
  print "<h1>" title "</h1>"
  end = (level == 3 ? "</li></ul>" : "") "</li></ul></nav>"
  if (level > 0) print "<nav class=\"contents\" aria-label=\"Contents\">" list end
  for (i = 1; i <= NR; i++) print line[i]
}

function add(text, id, depth)
{
  depth = text ~ /<h3 class="Ss"/ ? 3 : 2
  id = text
  sub(/.*<h[23] class="S[hs]" id="/, "", id)
  sub(/".*/, "", id)
  sub(/.*<h[23] class/, "<", text)
  gsub(/<[^>]*>/, "", text)
  gsub(/  +/, " ", text)
  if (depth == 3 && level == 2) list = list "<ul>"
  else if (level > 0) list = list "</li>" (depth < level ? "</ul></li>" : "")
  else list = "<ul>"
  list = list "\n<li><a href=\"#" id "\">" text "</a>"
  level = depth
}
