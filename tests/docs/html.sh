#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the site that "make html" makes. Every manual page has a page on the site. Every link inside the site leads to
# an existing file and anchor. No file has an anchor twice. The first page links to all pages of the manual. The list of
# examples links to all examples. Each page links to the first page and to the list of examples. Each page has one h1.
# Each page of the manual has a table of its sections. The page of an example shows the source code of the example. The
# site highlights programs. The diagrams are valid XML, have a title and a description, and use the colours of the page.
# The search finds names and text. The colours have enough contrast to read the text. CDPATH changes nothing.
. "$(dirname "$0")/common.sh"

need mandoc mandoc
need source-highlight source-highlight
need python3 python3
CDPATH=.:/ sh "$srcdir/man/html/make.sh" 1.2.3 man/cpp "$tmp/site" >"$tmp/messages" 2>&1 ||
  { problem "man/html/make.sh failed: $(cat "$tmp/messages")"; finish; }

find "$tmp/site" -name '*.html' | sed 's,.*/,,; s,\.html$,,' | grep -vxE 'index|search|examples|examples-.*' |
  sort >"$tmp/a"
{
  sed 's,.*/,,' "$tmp/real"
  find "$srcdir/man/windows" -name '*.3' | sed 's,.*/,,'
  find man/cpp -name '*.3' | sed 's,.*/,mio-,'
} | sort >"$tmp/b"
compare "the site" "$tmp/a" "man" "$tmp/b" "man/html/make.sh takes every page"

(cd "$tmp/site" && awk '
  FNR == 1 {
    page = FILENAME
    sub(/.*\//, "", page)
    files[page]
  }
  {
    rest = $0
    while (match(rest, /(id|href|action)="[^"]*"/)) {
      word = substr(rest, RSTART, RLENGTH)
      rest = substr(rest, RSTART + RLENGTH)
      value = word
      sub(/^[a-z]*="/, "", value)
      sub(/"$/, "", value)
      if (word ~ /^id/) {
        if ((page, value) in places) print page ": the place " value " is there twice"
        places[page, value]
      } else if (value !~ /^https:/) links[page " " value]
    }
  }
  END {
    for (link in links) {
      split(link, part, " ")
      file = place = part[2]
      sub(/#.*/, "", file)
      if (file == "") file = part[1]
      if (place !~ /#/) place = ""
      sub(/.*#/, "", place)
      if (file == "style.css") continue
      count++
      if (!(file in files)) print part[1] ": a link to " file ", which is not there"
      else if (place != "" && !((file, place) in places)) print part[1] ": a link to " file "#" place ": no such place"
      if (part[1] == (file ~ /^examples-/ ? "examples.html" : "index.html")) linked[file]
    }
    for (file in files) if (file != "index.html" && !(file in linked)) print "no list leads to " file
    if (count < 500) print "found only " count " links: this test no longer reads them"
  }' ./*.html) >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"
# each PATTERN NAME: checks that every page has a line that matches PATTERN. If a page has no such line, the message
# says that the page has no NAME.
each()
{
  for page in "$tmp/site"/*.html; do
    grep -q -e "$1" "$page" || problem "$(basename "$page"): no $2"
  done
}
each '^<html lang="en">$' "language"
each '<meta name="viewport" content="width=device-width, initial-scale=1">' "width of the device"
each '<a class="skip" href="#main-text">' "link past the links of every page"
each '<nav>.*href="index\.html"' "link to the first page"
each '<a href="examples\.html">' "link to the examples"
cat "$tmp/site"/*.html | sed -n 's,^<title>\(.*\)</title>$,\1,p' | sort >"$tmp/titles"
[ "$(grep -c . "$tmp/titles")" -eq "$(find "$tmp/site" -name '*.html' | wc -l)" ] || problem "a page has no title"
uniq -d "$tmp/titles" | grep . && problem "the titles above are there twice"

# Each page has one h1. No heading skips a level. The table of contents has a link to each section.
(cd "$tmp/site" && awk '
  FNR == 1 { finish(); page = FILENAME; headings = last = 0 }
  {
    if (/<nav class="contents"/) inside = 1
    rest = $0
    while (inside && match(rest, /href="#[^"]*"/)) {
      listed[substr(rest, RSTART + 7, RLENGTH - 8)]
      rest = substr(rest, RSTART + RLENGTH)
    }
    if (/<\/nav>/) inside = 0
    rest = $0
    while (match(rest, /<h[1-6][ >]/)) {
      level = substr(rest, RSTART + 2, 1) + 0
      if (level > last + 1) print page ": an h" level " follows an h" last
      if (level == 1) headings++
      last = level
      rest = substr(rest, RSTART + RLENGTH)
      if (match(rest, /^class="S[hs]" id="[^"]*"/)) section[substr(rest, 16, RLENGTH - 16)]
    }
  }
  function finish(id) {
    if (page == "") return
    if (headings != 1) print page ": has " headings " h1"
    for (id in section) if (!(id in listed)) print page ": the contents do not list " id
    for (id in section) sections++
    split("", section)
    split("", listed)
  }
  END {
    finish()
    if (sections < 500) print "found only " sections " sections: this test no longer reads them"
  }' ./*.html) >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"

# Only the page for searching has a script. The test runs this script without a browser.
cat >"$tmp/find.js" <<'END'
const fs = require('fs');
const vm = require('vm');
const site = process.argv[2];
const context = vm.createContext({});
const source = (name) => fs.readFileSync(`${site}/${name}.js`, 'utf8');
vm.runInContext(source('search-index') + source('search'), context);
for (const query of process.argv.slice(3)) {
    const found = vm.runInContext(`find(${JSON.stringify(query)})`, context);
    console.log(found.length > 0 ? found[0][0] : 'nothing');
}
END
if command -v node >/dev/null; then
  node "$tmp/find.js" "$tmp/site" mio_registry_register 'MIO::POLL' 'back-pressure' 'pidfd_open WNOHANG' \
    nosuchword 'mio_poll_wait nosuchword' '' >"$tmp/a" 2>&1
  cat >"$tmp/b" <<'END'
mio_registry.3.html#mio_registry_register
mio-Poll.3.html
mio_proxy.7.html
mio_children.7.html#The_end
nothing
nothing
nothing
END
  diff "$tmp/b" "$tmp/a" >"$tmp/only" || problem "the search finds other places: $(cat "$tmp/only")"
elif [ "${MIO_CI:-}" = true ]; then
  problem "node is missing (Debian package nodejs)"
fi
grep -q '<noscript>' "$tmp/site/search.html" || problem "search.html says nothing to a reader without scripts"
scripted=$(cd "$tmp/site" && grep -l '<script' ./*.html)
[ "$scripted" = ./search.html ] || problem "pages with a script: $scripted"

# If a page names a function of another page, the name is a link to the other page. In the output of mandoc, the first
# use of a name is a link to itself. "make html" replaces this link.
grep -q 'href="mio_registry\.3\.html#mio_registry_register"' "$tmp/site/mio.7.html" ||
  problem "mio.7.html does not lead to mio_registry_register"
! grep -n '<a [^>]*>\(<code[^>]*>\)*<a ' "$tmp/site"/*.html || problem "a link inside a link, above"

# code_of FILE: prints the programs in the page FILE, and the output of these programs, as plain text.
code_of()
{
  awk '
    /^<pre/ { inside = 1 }
    inside {
      end = /<\/pre>$/
      gsub(/<[^>]*>/, ""); gsub(/&lt;/, "<"); gsub(/&gt;/, ">"); gsub(/&quot;/, "\""); gsub(/&amp;/, "\\&")
      print
      if (end) inside = 0
    }' "$1"
}

# An example's page has the path of the source as its title, and contains exactly this source.
: >"$tmp/shown"
for page in "$tmp/site"/examples-*.html; do
  path=$(sed -n 's,^<title>\(.*\)</title>$,\1,p' "$page")
  code_of "$page" | cmp -s - "$srcdir/$path" || problem "$(basename "$page") differs from $path"
  echo "$path" >>"$tmp/shown"
done
sort "$tmp/shown" >"$tmp/a"
(cd "$srcdir" && find examples -type f \( -name '*.[ch]' -o -name '*.cc' -o -name '*.hpp' -o -name '*.bt' -o \
  -name '*.py' -o -name 'lookupd.[8st]*' \)) | sort >"$tmp/b"
compare "the pages of examples" "$tmp/a" "examples" "$tmp/b" "name each program in examples/README"
for link in examples-tcp_proxy.c.html examples.html#daemon; do
  grep -rqF "<a class=\"Pa\" href=\"$link\">" "$tmp/site" || problem "no page of the manual has a link to $link"
done

# Highlighting changes no program of the manual.
for page in "$tmp/site"/mio*.html; do
  name=$(basename "$page" .html)
  case $name in mio-*) path=man/cpp/${name#mio-} ;; *) path=$srcdir/man/$name ;; esac
  [ -e "$path" ] || path=$srcdir/man/windows/$name
  mandoc -T html -O fragment "$path" 2>/dev/null >"$tmp/plain"
  code_of "$tmp/plain" >"$tmp/a"
  code_of "$page" | cmp -s - "$tmp/a" || problem "$name.html: a program differs from $path"
done

# The site colours each program of the manual, and links each function name in a program to the function's page. The
# output of a program has no colours and no links.
grep -q '^<pre class="code"><span class="preproc">#include</span> <span class="string">&lt;errno.h&gt;</span>$' \
  "$tmp/site/mio_waker.3.html" || problem "mio_waker.3.html: the program is not highlighted"
grep -q '<span class="function"><a href="mio_poll\.3\.html#mio_poll_new">mio_poll_new</a></span>' \
  "$tmp/site/mio_waker.3.html" || problem "mio_waker.3.html: mio_poll_new in the program is not a link"
grep -q '^<pre>woken, and the answer is 42</pre>$' "$tmp/site/mio_waker.3.html" ||
  problem "mio_waker.3.html: the output of the program is highlighted"
! grep -n '^program ' "$tmp/site"/*.html || problem "a program is missing in the lines above"

python3 "$docs/diagrams.py" "$srcdir/man/html" "$tmp/site" >"$tmp/only" || problem "diagrams.py failed"
while read -r line; do
  problem "$line"
done <"$tmp/only"

# WCAG 2.1 requires a contrast of 4.5 to 1 at level AA, and the test checks the light and the dark
# colours.
awk '
  function channel(hex, value) {
    value = (16 * index(digits, substr(hex, 1, 1)) + index(digits, substr(hex, 2, 1)) - 17) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ^ 2.4
  }
  function luminance(hex) {
    return 0.2126 * channel(substr(hex, 2)) + 0.7152 * channel(substr(hex, 4)) + 0.0722 * channel(substr(hex, 6))
  }
  function check(text, paper, a, b, ratio) {
    a = luminance(colour[text]) + 0.05
    b = luminance(colour[paper]) + 0.05
    ratio = a > b ? a / b : b / a
    count++
    if (ratio < 4.5) printf "%s on %s, %s on %s: %.1f to 1\n", text, paper, colour[text], colour[paper], ratio
  }
  BEGIN { digits = "0123456789abcdef" }
  /^ *--[a-z]*: #[0-9a-f]*;$/ { sub(/;/, ""); sub(/:/, "", $1); colour[substr($1, 3)] = $2; some = 1 }
  /}/ && some {
    n = split("ink faint link name value word", texts, " ")
    for (i = 1; i <= n; i++) { check(texts[i], "paper"); check(texts[i], "box") }
    some = 0
  }
  END { if (count != 24) print count " pairs of colours were found, not 24" }' "$tmp/site/style.css" >"$tmp/only"
while read -r line; do
  problem "style.css: $line"
done <"$tmp/only"

grep -q 'mio 1\.2\.3' "$tmp/site/index.html" || problem "the version is not on the first page"

finish
