#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the site that "make html" makes. Every manual page has a page on the site. Every link inside the site leads to
# an existing file and anchor, and no file has an anchor twice. The first page links to all other pages, and each other
# page links to the first page. The colours have enough contrast to read the text.
. "$(dirname "$0")/common.sh"

need mandoc mandoc
sh "$srcdir/man/html/make.sh" 1.2.3 man/cpp "$tmp/site" >"$tmp/messages" 2>&1 ||
  { problem "man/html/make.sh failed: $(cat "$tmp/messages")"; finish; }

find "$tmp/site" -name '*.html' | sed 's,.*/,,; s,\.html$,,' | grep -v '^index$' | sort >"$tmp/a"
{ sed 's,.*/,,' "$tmp/real"; find man/cpp -name '*.3' | sed 's,.*/,mio-,'; } | sort >"$tmp/b"
compare "the site" "$tmp/a" "man" "$tmp/b" "man/html/make.sh takes every page"

(cd "$tmp/site" && awk '
  FNR == 1 {
    page = FILENAME
    sub(/.*\//, "", page)
    files[page]
  }
  {
    rest = $0
    while (match(rest, /(id|href)="[^"]*"/)) {
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
      if (part[1] == "index.html") linked[file]
    }
    for (file in files) if (file != "index.html" && !(file in linked)) print "index.html does not lead to " file
    if (count < 500) print "found only " count " links: this test no longer reads them"
  }' ./*.html) >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"
# each PATTERN WHAT: checks that every page has a matching line.
each()
{
  for page in "$tmp/site"/*.html; do
    grep -q -e "$1" "$page" || problem "$(basename "$page"): no $2"
  done
}
each '^<html lang="en">$' "language"
each '<meta name="viewport" content="width=device-width, initial-scale=1">' "width of the device"
each '<nav>.*href="index\.html"' "link to the first page"
cat "$tmp/site"/*.html | sed -n 's,^<title>\(.*\)</title>$,\1,p' | sort >"$tmp/titles"
[ "$(grep -c . "$tmp/titles")" -eq "$(find "$tmp/site" -name '*.html' | wc -l)" ] || problem "a page has no title"
uniq -d "$tmp/titles" | grep . && problem "the titles above are there twice"

# The name of a function of another page links to that page. This includes the first mention, where mandoc makes a link
# to the mention itself.
grep -q 'href="mio_registry\.3\.html#mio_registry_register"' "$tmp/site/mio.7.html" ||
  problem "mio.7.html does not lead to mio_registry_register"
! grep -n '<a [^>]*>\(<code[^>]*>\)*<a ' "$tmp/site"/*.html || problem "a link inside a link, above"

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
    n = split("ink faint link name value", texts, " ")
    for (i = 1; i <= n; i++) { check(texts[i], "paper"); check(texts[i], "box") }
    some = 0
  }
  END { if (count != 20) print count " pairs of colours were found, not 20" }' "$tmp/site/style.css" >"$tmp/only"
while read -r line; do
  problem "style.css: $line"
done <"$tmp/only"

grep -q 'mio 1\.2\.3' "$tmp/site/index.html" || problem "the version is not on the first page"

finish
