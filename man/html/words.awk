# SPDX-License-Identifier: MIT
# Prints the sections of a page for the search. The option -v file=FILE gives the file name of this page, without the
# suffix .html. The option -v title=TEXT gives the title of the page. Each section is an array of the link, the title of
# the page, the heading and the text.

{ page = page " " $0 }

END {
  count = split(page, part, /<h[23] class="S[hs]" id="/)
  for (i = 2; i <= count; i++) {
    id = heading = text = part[i]
    sub(/".*/, "", id)
    sub(/<\/h[23]>.*/, "", heading)
    sub(/^[^>]*>/, "", heading)
    sub(/^.*<\/h[23]>/, "", text)
    print "[" quoted(file ".html#" id) "," quoted(title) "," quoted(plain(heading)) "," quoted(plain(text)) "],"
  }
}

function plain(text)
{
  gsub(/<\/?(a|b|code|i|span|var|wbr)( [^>]*)?>/, "", text)
  gsub(/<[^>]*>/, " ", text)
  gsub(/&#x2014;/, "-", text)
  gsub(/&#x[0-9A-Fa-f]+;/, " ", text)
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&amp;/, "\\&", text)
  gsub(/[ \t]+/, " ", text)
  sub(/^ /, "", text)
  sub(/ $/, "", text)
  return text
}

function quoted(text)
{
  gsub(/\\/, "&&", text)
  gsub(/"/, "\\\"", text)
  return "\"" text "\""
}
