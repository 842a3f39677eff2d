# SPDX-License-Identifier: MIT
# Reads the output of examples.awk, and writes a page for each source file to DIRECTORY. The option -v to=DIRECTORY sets
# this directory. Each page links to all files of its program. Later, paste.awk adds the text of the source file to the
# page.

{
  page[NR] = $1
  path[NR] = $2
  program[NR] = $3
  about[NR] = $4
  files[$3]++
}

END {
  for (i = 1; i <= NR; i++) {
    out = to "/" page[i]
    heading = path[i]
    gsub(/[\/_]/, "&<wbr>", heading)
    print "<h1>examples/<wbr>" heading "</h1>\n<p class=\"lead\">" about[i] ".</p>" >out
    if (files[program[i]] > 1) print contents(i) >out
    print "program " page[i] >out
    close(out)
  }
}

function contents(own, i, list)
{
  for (i = 1; i <= NR; i++)
    if (program[i] == program[own])
      list = list "\n<li><a href=\"" page[i] ".html\"" (i == own ? " aria-current=\"page\"" : "") ">" path[i] "</a>"
  return "<nav class=\"contents\" aria-label=\"Files of " program[own] "\"><ul>" list "</ul></nav>"
}
