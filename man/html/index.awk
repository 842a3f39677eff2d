# SPDX-License-Identifier: MIT
# Writes the first page of the site. Needs names.awk. The first page lists the pages by task, as mio(7) does, and
# describes each page. Then come the pages for Windows (-v windows=PAGES), the diagrams (-v figures=FILE), the classes
# of C++, and all names.

BEGIN {
  print "<h1>mio</h1>"
  print "<p class=\"lead\">An embeddable event loop for system daemons, in C and C++: readiness, sockets, pipes, signals, wakers.</p>"
  print "<pre>cc program.c $(pkg-config --cflags --libs mio)</pre>"
}

/^\.Sh / { inside = $0 == ".Sh THE PAGES" }
inside && /^\.It / {
  close_list()
  sub(/^\.It /, "")
  print "<h2>" $0 "</h2>\n<dl>"
  open = 1
}
inside && /^\.Xr / { entry($2 "." $3) }
inside && /^\.El/ { close_list() }

function close_list()
{
  if (open) print "</dl>"
  open = 0
}

function label(key)
{
  key = substr(key, 1, length(key) - 2) "(" substr(key, length(key)) ")"
  return key
}

function entry(key, text)
{
  text = about[key]
  gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  print "<dt><a href=\"" file[key] ".html\">" label(key) "</a></dt><dd>" text "</dd>"
}

END {
  print "<h2>Only on Windows</h2>\n<dl>"
  n = split(windows, page, " ")
  for (i = 1; i <= n; i++) entry(page[i])
  print "</dl>"
  print "<h2>Diagrams</h2>\n<ul>"
  while ((getline line <figures) > 0) {
    split(line, part, "\t")
    print "<li><a href=\"" part[1] ".html#" part[3] "-diagram\">" part[4] "</a></li>"
  }
  print "</ul>\n<h2>Classes of C++</h2>\n<dl>"
  for (i = 1; i <= count; i++) if (file[all[i]] == "mio-" substr(all[i], 6)) entry(all[i])
  print "</dl>\n<h2 id=\"names\">All names</h2>\n<ul class=\"names\">"
  for (i = 1; i <= count; i++) sorted[i] = all[i]
  for (i = 2; i <= count; i++) {
    key = sorted[i]
    for (j = i - 1; j > 0 && sorted[j] > key; j--) sorted[j + 1] = sorted[j]
    sorted[j + 1] = key
  }
  for (i = 1; i <= count; i++) {
    name = substr(sorted[i], 1, length(sorted[i]) - 2)
    print "<li><a href=\"" place(sorted[i]) "\">" name "</a></li>"
  }
  print "</ul>"
}
