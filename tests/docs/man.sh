#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the manual documents every function, type and macro of the public headers. Every page must have the right
# sections. A page must not name a function that does not exist. References must resolve, and mandoc must report
# nothing.
. "$(dirname "$0")/common.sh"

need mandoc mandoc

# --- Names --------------------------------------------------------------------------------------------------------

fact "$tmp/headers" function 2 >"$tmp/functions"
fact "$tmp/headers" type 2 >"$tmp/types"
fact "$tmp/headers" macro 2 >"$tmp/macros"
at_least 190 "$tmp/functions" "functions in include/mio/*.h"
at_least 20 "$tmp/types" "types in include/mio/*.h"
at_least 70 "$tmp/macros" "macros in include/mio/*.h"
sed -n 's/^ *\(mio_[a-z0-9_]*\);$/\1/p' "$srcdir/src/libmio.map" | sort -u >"$tmp/exports"
comm -23 "$tmp/exports" "$tmp/functions" | while read -r name; do
  echo "$name"
done >"$tmp/only"
[ ! -s "$tmp/only" ] || problem "exported, but not in a public header: $(tr '\n' ' ' <"$tmp/only")"

# The name of every function and of every type is in the section NAME of exactly one page. If a page has several
# functions, NAME can have one more name, which stands for all these functions. NAME has no further names. "make
# install" installs the page under each of these names.
sort -u "$tmp/functions" "$tmp/types" >"$tmp/wanted"
fact "$tmp/pages" name 2 3 | sed -n 's/^.*\.3 //p' | sort >"$tmp/names"
for name in $(comm -23 "$tmp/wanted" "$tmp/names"); do
  problem "$name is in NAME of no page"
done
for name in $(uniq -d "$tmp/names"); do
  problem "$name is in NAME of two pages"
done
sed 's,.*/,,; s,\.[37]$,,' "$tmp/real" | sort >"$tmp/families"
for name in $(comm -13 "$tmp/wanted" "$tmp/names" | comm -23 - "$tmp/families"); do
  problem "NAME of a page has $name, but there is no function or type of that name"
done
fact "$tmp/pages" macro 3 >"$tmp/documented"
for name in $(comm -23 "$tmp/macros" "$tmp/documented"); do
  problem "the macro $name is on no page"
done
# A page may also mention a macro of <mio/windows.h>, as mio_windows(7) does.
sed -n 's/^#define \(MIO_[A-Z0-9_]*\) .*/\1/p' "$srcdir"/include/windows/mio/*.h | sort >"$tmp/windows_macros"
for name in $(comm -13 "$tmp/macros" "$tmp/documented" | comm -23 - "$tmp/windows_macros"); do
  problem "the macro $name is on a page, but in no header: $(fact "$tmp/pages" macro 3 2 | sed -n "s/^$name //p" | tr '\n' ' ')"
done
sed -n 's/^MIO_.* \(mio_[a-z_]*\)(.*/\1/p' "$srcdir"/include/windows/mio/*.h | sort - "$tmp/functions" >"$tmp/known_functions"
fact "$tmp/pages" function 3 | comm -23 - "$tmp/known_functions" >"$tmp/only"
[ ! -s "$tmp/only" ] || problem "mentioned, but not defined: $(tr '\n' ' ' <"$tmp/only")"
[ $failed -eq 0 ] || mend "one page per family, which has the names of the family in NAME; see CONTRIBUTING, Manual"

# --- Sections -----------------------------------------------------------------------------------------------------

while read -r path; do
  page=$(basename "$path")
  case $page in
    *.7) wanted='NAME,DESCRIPTION,SEE ALSO,HISTORY' ;;
    *) wanted='NAME,LIBRARY,SYNOPSIS,DESCRIPTION,RETURN VALUES,EXAMPLES,ERRORS,ATTRIBUTES,NOTES,SEE ALSO,HISTORY' ;;
  esac
  # A page that documents only types needs no sections about functions. If no function on a page can fail, the page
  # needs no section ERRORS.
  if ! grep -q "^prototype	$page	" "$tmp/pages"; then
    wanted=$(echo "$wanted" | sed 's/,RETURN VALUES//; s/,ATTRIBUTES,NOTES//')
  fi
  if ! grep -q "^error	$page	" "$tmp/pages"; then
    wanted=$(echo "$wanted" | sed 's/,ERRORS//')
  fi
  echo "$wanted" | tr ',' '\n' | while read -r title; do
    grep -q "^section	$page	$title\$" "$tmp/pages" || echo "man/$page has no section $title"
  done
  fact "$tmp/pages" section 2 3 | sed -n "s/^$page //p" | sort >"$tmp/sections"
  # The next checks are only for pages of functions.
  case $page in
    *.3)
      fact "$tmp/pages" prototype 2 3 | sed -n "s/^$page //p" >"$tmp/has"
      fact "$tmp/pages" attribute 2 3 | sed -n "s/^$page //p" | comm -3 "$tmp/has" - |
        sed "s,^[[:space:]]*\(.*\),man/$page: \1 is in SYNOPSIS or in the table of ATTRIBUTES but not in both,"
      fact "$tmp/pages" name 2 3 | sed -n "s/^$page //p" | comm -23 "$tmp/has" - |
        sed "s,^\(.*\),man/$page: \1 is in SYNOPSIS but not in NAME,"
      fact "$tmp/pages" error 2 3 | sed -n "s/^$page //p" | comm -23 - "$tmp/has" |
        sed "s,^\(.*\),man/$page: \1 is in ERRORS but not in SYNOPSIS,"
      sed -n 's/^orphan	\([^	]*\)	\(.*\)/man\/\1:\2: a list of errors that belongs to no function/p' "$tmp/pages" |
        grep "^man/$page:" ;;
  esac
done <"$tmp/real" >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"

# --- References ---------------------------------------------------------------------------------------------------

# Each reference must name a page of mio, or a page of another project that tests/docs/foreign_pages lists. So the test
# also fails if a reference misspells the name of a page of another project.
for page in man/cpp/*.3; do
  echo "mio::$(basename "$page" .3) 3"
done >"$tmp/own"
sed 's,.*/,,; s,\.\([37]\)$, \1,' "$tmp/real" >>"$tmp/own"
sed 's/$/ 3/' "$tmp/names" >>"$tmp/own"
grep -hv '^#' "$docs/foreign_pages" | sort -u >"$tmp/foreign"
sort -u "$tmp/own" "$tmp/foreign" >"$tmp/known"
awk -f "$docs/tight.awk" -f "$docs/pages.awk" man/cpp/*.3 | sed -n 's/^reference	/&cpp\//p' >>"$tmp/pages"
fact "$tmp/pages" reference 3 4 >"$tmp/references"
at_least 10 "$tmp/references" references
comm -23 "$tmp/references" "$tmp/known" | while read -r name section; do
  echo "$name($section) is referred to, but is not there: $(fact "$tmp/pages" reference 3 4 2 |
    sed -n "s/^$name $section //p" | tr '\n' ' ')"
done >"$tmp/only"
while read -r line; do
  problem "$line"
  case $line in
    mio*) ;;
    *) mend "a page of another project is one line in tests/docs/foreign_pages" ;;
  esac
done <"$tmp/only"

# The overview, mio(7), must refer to every page.
while read -r page; do
  name=$(basename "$page")
  [ "$name" != mio.7 ] || continue
  grep -q "^\.Xr ${name%.*} ${name##*.}\( \|\$\)" "$srcdir/man/mio.7" || problem "$name is not in the list of pages of mio.7"
done <"$tmp/real"

# --- mandoc -------------------------------------------------------------------------------------------------------

# mandoc does not find pages that are not installed, so the test ignores mandoc's messages about references. The checks
# above cover references.
find man/cpp -name '*.3' | sort | cat "$tmp/real" - >"$tmp/to_format"
while read -r page; do
  # Output and errors go to two files. mandoc buffers its output, so in one common file an error could appear in the
  # middle of an output line.
  mandoc -T lint -W style "$page" >"$tmp/style" 2>"$tmp/notes"
  grep -hv -e 'STYLE: referenced manual not found' -e '^mandoc: outdated mandoc.db' "$tmp/style" "$tmp/notes" \
    >"$tmp/messages"
  [ ! -s "$tmp/messages" ] || problem "$(cat "$tmp/messages")"
done <"$tmp/to_format"

# If the first word of a heading is the name of a macro, mandoc runs the macro and reports nothing.
while read -r page; do
  grep -E '^\.(Sh|Ss) (An|Ad|At|Do|In|Li|Ms|No|Op|Po|So) ' "$page" >"$tmp/messages" &&
    problem "$page: write \& before the first word: $(cat "$tmp/messages")"
done <"$tmp/real"

# groff warns of mistakes that mandoc does not report.
if command -v groff >/dev/null && echo | groff -mdoc -Tascii -z >/dev/null 2>&1; then
  while read -r page; do
    groff -mdoc -ww -Tutf8 -z "$page" >"$tmp/messages" 2>&1
    [ ! -s "$tmp/messages" ] || problem "groff: $page: $(cat "$tmp/messages")"
  done <"$tmp/to_format"
fi

finish
