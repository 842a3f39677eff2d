# SPDX-License-Identifier: MIT
# Puts back into a page the programs that cut.awk has cut out. Needs names.awk. The option -v own=FILE gives the file
# name of this page, without the suffix .html. The option -v from=DIRECTORY names a directory. The script replaces each
# line "program NAME" by the contents of NAME.html in this directory. NAME.html is a program with the markup of
# source-highlight. This script keeps only the markup that has a colour. The first mention of a name in a program
# becomes a link to the page of the name.

!/^program [^ ]+$/ { print; next }
{
  split("", linked)
  text = ""
  while ((getline line <(from "/" $2 ".html")) > 0) text = text line "\n"
  sub(/^<!-- Generator[^>]*-->\n<pre><tt>/, "", text)
  sub(/\n*<\/tt><\/pre>\n$/, "", text)
  rows = split(text, row, "\n")
  printf "<pre class=\"code\">"
  for (i = 1; i <= rows; i++) print link(unmark(row[i])) (i == rows ? "</pre>" : "")
}

function unmark(text, out, word)
{
  while (match(text, /<span class="(normal|symbol|cbracket)">[^<]*<\/span>/)) {
    word = substr(text, RSTART, RLENGTH)
    gsub(/<[^>]*>/, "", word)
    out = out substr(text, 1, RSTART - 1) word
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

# Turns each mio_NAME, mio_NAME(7) and mio::NAME in the text into a link.
function link(text, out, whole, word)
{
  while (match(text, /mio(_|::(<span class="[a-z]*">)?)[A-Za-z0-9_]+(\([37]\))?/)) {
    word = whole = substr(text, RSTART, RLENGTH)
    sub(/.*>/, "", word)
    out = out substr(text, 1, RSTART + RLENGTH - length(word) - 1) anchor(word, whole)
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

function anchor(word, key)
{
  gsub(/<[^>]*>/, "", key)
  if (!sub(/\(/, ".", key)) key = key ".3"
  sub(/\)/, "", key)
  if (!(key in file) || file[key] == own || key in linked) return word
  linked[key]
  return "<a href=\"" place(key) "\">" word "</a>"
}
