#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds a static site of the manual. The first page lists the pages by task. The search needs no server. Usage:
#   man/html/make.sh VERSION CXX_PAGES DIRECTORY
# First fill the directory CXX_PAGES with man/cpp/make.sh. mandoc converts the text of the pages, and source-highlight
# marks the programs. The script turns links between pages into links between files.
set -eu
export LC_ALL=C
unset CDPATH # otherwise cd may go elsewhere, and prints the directory
version=$1 to=$3
cxx=$(cd "$2" && pwd)
mkdir -p "$to"
to=$(cd "$to" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
for tool in mandoc source-highlight; do
  command -v $tool >/dev/null || { echo "make html needs $tool" >&2; exit 1; }
done

tmp=$(mktemp -d "${TMPDIR:-/tmp}/mio-html.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/text" "$tmp/code" "$tmp/marked"

# describe PAGE FILE PREFIX SOURCE: prints a line "NAME.SECTION FILE DESCRIPTION" for each name of the page. FILE is
# the name of a file without the suffix .html. FILE must not contain a colon: if a relative link has a colon, a browser
# reads the text before the colon as a protocol.
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
# The site also has the pages of windows/, which only the build for Windows installs.
for path in *.[37] windows/*.3; do
  describe "${path##*/}" "${path##*/}" '' "$path"
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
<a class="skip" href="#main-text">Skip to the text</a>
<nav><a class="home" href="index.html">mio</a> <a href="mio.7.html">overview</a> <a href="mio_tutorial.7.html">tutorial</a>
<a href="mio_porting.7.html">porting</a> <a href="mio_cpp.7.html">C++</a> <a href="examples.html">examples</a>
<form action="search.html" role="search"><input type="search" name="q" placeholder="Search" aria-label="Search the manual"></form></nav>
<main id="main-text">
END
  cat
  cat <<END
</main>
<footer>mio $version</footer>
</body>
</html>
END
}

# with_names SCRIPT WORD...: runs the awk script together with names.awk, which reads the names of all pages.
with_names()
{
  script=$1
  shift
  awk -v names="$tmp/names" -f "$here/names.awk" -f "$here/$script" "$@"
}

# The attribute data-page of a diagram names the page that shows the diagram, and data-section names the section.
for path in "$here"/*.svg; do
  sed -n 's/.*data-page="\([^"]*\)" data-section="\([^"]*\)".*/\1|\2/p; s/.*<title[^>]*>\(.*\)<.title>/\1/p' "$path" |
    paste -s -d '|' - | awk -F '|' -v OFS='\t' -v name="$(basename "$path" .svg)" '{ print $1, $2, name, $3 }'
done >"$tmp/figures"

# The first name of each page is the name of the page itself.
awk -F '\t' '!seen[$2]++ { print $2, $1 }' "$tmp/names" >"$tmp/files"
while read -r file name; do
  case $file in mio-*) source=$cxx/${file#mio-} ;; *) source=$file ;; esac
  [ -e "$source" ] || source=windows/$file
  title=$(echo "$name" | sed 's/\(.*\)\.\(.\)$/\1(\2)/')
  mandoc -T html -O fragment,man=%N.%S "$source" 2>/dev/null | with_names link.awk -v own="$file" |
    awk -v own="$file" -v figures="$tmp/figures" -v from="$here" -f "$here/figure.awk" |
    awk -v title="$title" -f "$here/contents.awk" >"$tmp/page"
  awk -v file="$file" -v title="$title" -f "$here/words.awk" "$tmp/page" >>"$tmp/sections"
  awk -v file="$file" -v to="$tmp/code" -f "$here/cut.awk" "$tmp/page" >"$tmp/text/$file"
done <"$tmp/files"

# The examples. After a build in the source directory, examples/ also contains compiled programs, so select the source
# files by suffix.
examples=$here/../../examples
(cd "$examples" && find . -type f \( -name '*.[ch]' -o -name '*.cc' -o -name '*.hpp' -o -name '*.py' -o -name '*.bt' \
  -o -name 'lookupd.[8st]*' \) | sed 's,^\./,,' | sort) >"$tmp/paths"
awk -f "$here/examples.awk" "$examples/README" "$tmp/paths" >"$tmp/examples"
awk -F '\t' -v to="$tmp/text" -f "$here/example.awk" "$tmp/examples"
while read -r file path _; do
  cp "$examples/$path" "$tmp/code/$file"
  echo "$file examples/$path" >>"$tmp/files"
done <"$tmp/examples"

(cd "$tmp/code" && source-highlight -q --failsafe -f xhtml-css --no-doc --output-dir="$tmp/marked" ./*)
while read -r file name; do
  title=$(echo "$name" | sed 's/\.\([37]\)$/(\1)/')
  with_names paste.awk -v own="$file" -v from="$tmp/marked" "$tmp/text/$file" | page "$title" >"$to/$file.html"
done <"$tmp/files"

with_names index.awk -v figures="$tmp/figures" -v windows="$(cd windows && echo *.3)" mio.7 | page "mio $version: the manual" >"$to/index.html"
awk -F '\t' -f "$here/example_list.awk" "$tmp/examples" | page "Examples of mio" >"$to/examples.html"

# Writes the index for the search of the site. In the results of a search, names come before sections.
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
  awk -F '\t' '{
    gsub(/["\\]/, "\\\\&", $4)
    printf "[\"%s.html\",\"examples/%s\",\"\",\"%s\"],\n", $1, $2, $4
  }' "$tmp/examples"
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
