#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a static site of the manual, with an index by task, and a search that needs no server:
#   man/html/make.sh VERSION CXX_PAGES DIRECTORY
# man/cpp/make.sh has filled the directory CXX_PAGES.
# mandoc writes the text between header and footer. The script turns links between pages into links between files.
set -eu
export LC_ALL=C
version=$1 to=$3
cxx=$(cd "$2" && pwd)
mkdir -p "$to"
to=$(cd "$to" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
command -v mandoc >/dev/null || { echo "make html needs mandoc" >&2; exit 1; }

tmp=$(mktemp -d "${TMPDIR:-/tmp}/mio-html.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# describe PAGE FILE PREFIX SOURCE: prints a line "NAME.SECTION FILE DESCRIPTION" for each name of the page. FILE is
# without .html. A colon cannot begin a relative link.
describe()
{
  awk -v page="$1" -v file="$2" -v prefix="$3" '
    /^\.Nm / && !done { name[++n] = $2 }
    /^\.Nd / && !done { sub(/^\.Nd /, ""); description = $0; done = 1 }
    END {
      section = page
      sub(/.*\./, "", section)
      own = page
      sub(/\.[37]$/, "", own)
      print prefix own "." section "\t" file "\t" description
      for (i = 1; i <= n; i++) if (name[i] != prefix own) print name[i] "." section "\t" file "\t" description
    }' "$4"
}
for path in *.[37]; do
  describe "$path" "$path" '' "$path"
done >"$tmp/names"
for path in "$cxx"/*.3; do
  describe "${path##*/}" "mio-${path##*/}" 'mio::' "$path"
done >>"$tmp/names"

# page TITLE: wraps the input in a page of the site.
page()
{
  cat <<END
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$1</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav><a class="home" href="index.html">mio</a> <a href="mio.7.html">overview</a> <a href="mio_tutorial.7.html">tutorial</a>
<a href="mio_porting.7.html">porting</a> <a href="mio_cpp.7.html">C++</a>
<form action="search.html" role="search"><input type="search" name="q" placeholder="Search" aria-label="Search the manual"></form></nav>
<main>
END
  cat
  cat <<END
</main>
<footer>mio $version</footer>
</body>
</html>
END
}

# link FILE: turns links to names into links to files, or to the manual of Linux for pages of other projects. Gives
# anchors to functions.
link()
{
  awk -v names="$tmp/names" -v own="$1" -f "$here/link.awk"
}

# The first name in a file is the name of the page itself.
awk -F '\t' '!seen[$2]++ { print $2, $1 }' "$tmp/names" >"$tmp/files"
while read -r file name; do
  case $file in mio-*) source=$cxx/${file#mio-} ;; *) source=$file ;; esac
  title=$(echo "$name" | sed 's/\(.*\)\.\(.\)$/\1(\2)/')
  mandoc -T html -O fragment,man=%N.%S "$source" 2>/dev/null | link "$file" |
    awk -v title="$title" -f "$here/contents.awk" >"$tmp/text"
  page "$title" <"$tmp/text" >"$to/$file.html"
  awk -v file="$file" -v title="$title" -f "$here/words.awk" "$tmp/text" >>"$tmp/sections"
done <"$tmp/files"

awk -v names="$tmp/names" -f "$here/index.awk" mio.7 | page "mio $version: the manual" >"$to/index.html"

# The search finds the names first, then the sections.
{
  echo 'const sections = ['
  awk -F '\t' '{
    name = $1
    sub(/\.[37]$/, "", name)
    section = substr($1, length($1))
    anchor = $2 != $1 && name ~ /^mio_/ ? "#" name : ""
    gsub(/["\\]/, "\\\\&", $3)
    printf "[\"%s.html%s\",\"%s(%s)\",\"\",\"%s\"],\n", $2, anchor, name, section, $3
  }' "$tmp/names"
  cat "$tmp/sections"
  echo '];'
} >"$to/search-index.js"
page "Search the manual" <<'END' >"$to/search.html"
<h1>Search</h1>
<noscript><p>The search needs JavaScript. <a href="index.html#names">All names</a> are on the first page.</p></noscript>
<p id="count" role="status"></p>
<ol id="results"></ol>
<script src="search-index.js"></script>
<script src="search.js"></script>
END
cp "$here/style.css" "$here/search.js" "$to"
