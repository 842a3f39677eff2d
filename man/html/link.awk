# SPDX-License-Identifier: MIT
# Corrects the links that mandoc wrote in a page. Needs names.awk. The option -v own=FILE gives the file name of this
# page, without the suffix .html.
# - href="NAME.SECTION" becomes a link to the page and the anchor of NAME. If the site does not have NAME, the link
#   leads to the Linux manual.
# - The path of an example becomes a link to the page of the example.
# - If another page describes a function, the name of the function becomes a link to that page.
# - A name without an anchor gets an anchor in SYNOPSIS or in NAME.
# - A table gets a box that scrolls on a phone, and names in the table can break after an underscore.

/<section class="Sh">/ { synopsis = 0 }
/id="SYNOPSIS"/ { synopsis = 1 }

{
  rest = $0
  out = ""
  while (match(rest, /href="[^"#]*"/)) {
    target = substr(rest, RSTART + 6, RLENGTH - 7)
    out = out substr(rest, 1, RSTART - 1) "href=\"" resolve(target) "\""
    rest = substr(rest, RSTART + RLENGTH)
  }
  line = release(example(out rest))
  gsub(/<table class="Bl-column/, "<div class=\"scroll\"><table class=\"Bl-column", line)
  if (line ~ /<table class="Bl-column/) table = 1
  if (line ~ /<\/table>/ && line !~ /class="(head|foot)/) sub(/<\/table>/, "</table></div>", line)
  if (line ~ /<table class="(head|foot)/) frame = 1
  if (!frame) {
    page[++lines] = line
    in_synopsis[lines] = synopsis
    in_table[lines] = table
    if (synopsis && match(line, /<code class="Fn">mio_[a-z0-9_]*</)) is_function[substr(line, RSTART + 17, RLENGTH - 18)] = 1
    while (match(line, /id="[^"]*"/)) {
      placed[substr(line, RSTART + 4, RLENGTH - 5)]
      line = substr(line, RSTART + RLENGTH)
    }
  }
  if ($0 ~ /<\/table>/) frame = table = 0
}

END {
  for (i = 1; i <= lines; i++) {
    out = ""
    rest = page[i]
    while (match(rest, /<code class="(Fn|Nm)">mio_[a-z0-9_]*<\/code>/)) {
      code = substr(rest, RSTART, RLENGTH)
      name = substr(code, 18, length(code) - 24)
      out = out substr(rest, 1, RSTART - 1) anchor(code, name, in_synopsis[i])
      rest = substr(rest, RSTART + RLENGTH)
    }
    print in_table[i] ? breakable(out rest) : out rest
  }
}

# Makes a link from the first path in `text` that begins with "examples". A path with a dot is a file, and the file
# has a page. A path without a dot is a folder or README. The link then leads to examples.html, which has anchors for
# README and for the folders.
function example(text, path, page)
{
  if (!match(text, /<span class="Pa">examples[a-zA-Z_.\/]*<\/span>/)) return text
  path = substr(text, RSTART + 17, RLENGTH - 24)
  page = path
  if (path !~ /\./) {
    page = "examples.html" (path == "examples" ? "" : "#" substr(path, 10))
  } else {
    gsub(/\//, "-", page)
    page = page ".html"
  }
  return substr(text, 1, RSTART - 1) "<a class=\"Pa\" href=\"" page "\">" path "</a>" substr(text, RSTART + RLENGTH)
}

# In the output of mandoc, the first mention of each function is a link to itself. If another page describes the
# function, the link must lead to that page.
function release(text, out, link, name)
{
  while (match(text, /<a class="permalink" href="#[^"]*"><code class="Fn"( id="[^"]*")?>mio_[a-z0-9_]*<\/code><\/a>/)) {
    link = substr(text, RSTART, RLENGTH)
    name = link
    gsub(/<[^>]*>/, "", name)
    if (name ".3" in file && file[name ".3"] != own) link = "<code class=\"Fn\">" name "</code>"
    out = out substr(text, 1, RSTART - 1) link
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

# Allows a line break after each underscore of the text between two tags. The first underscore gets no break, because
# usually only the word mio comes before this underscore.
function breakable(text, out, word)
{
  while (match(text, />[^<]+/)) {
    word = substr(text, RSTART, RLENGTH)
    gsub(/_/, "_<wbr>", word)
    sub(/_<wbr>/, "_", word)
    out = out substr(text, 1, RSTART - 1) word
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

# A name of this page gets an anchor, and a name of another page gets a link.
function anchor(code, name, here, target)
{
  target = name ".3"
  if (!(target in file)) return code
  if (file[target] != own) return "<a class=\"Fn\" href=\"" resolve(target) "\">" code "</a>"
  if (name in placed || code ~ /"Fn"/ && !here || code ~ /"Nm"/ && is_function[name]) return code
  placed[name]
  sub(/">/, "\" id=\"" name "\">", code)
  return code
}

function resolve(target)
{
  if (target ~ /^https?:/ || target !~ /\.[1-9]$/) return target
  if (target in file) return place(target)
  section = target
  sub(/.*\./, "", section)
  return "https://man7.org/linux/man-pages/man" section "/" target ".html"
}
