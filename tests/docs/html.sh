#!/bin/sh
# SPDX-License-Identifier: MIT
# The site that "make html" makes: a page for every page, every link inside it leads to a file and a place that are there,
# no place twice, and the first page leads to all others.
. "$(dirname "$0")/common.sh"

need mandoc mandoc
sh "$srcdir/man/html/make.sh" 1.2.3 "$tmp/site" >"$tmp/messages" 2>&1 ||
  { problem "man/html/make.sh failed: $(cat "$tmp/messages")"; finish; }

find "$tmp/site" -name '*.html' | sed 's,.*/,,; s,\.html$,,' | grep -v '^index$' | sort >"$tmp/a"
{ sed 's,.*/,,' "$tmp/real"; find "$srcdir/man/cpp" -name '*.3' | sed 's,.*/,mio-,'; } | sort >"$tmp/b"
compare "the site" "$tmp/a" "man" "$tmp/b" "man/html/make.sh takes every page that is no alias"

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
grep -q 'mio 1\.2\.3' "$tmp/site/index.html" || problem "the version is not on the first page"

finish
