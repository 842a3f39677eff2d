#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the manual and the headers agree on each function: its prototype, its errors and its safety. The
# manual and the headers must also agree on the members of each structure. If the source code of a function names an
# error code, the page of the function must list this code.
. "$(dirname "$0")/common.sh"

tab=$(printf '\t')

# --- Prototypes and structures ------------------------------------------------------------------------------------

fact "$tmp/pages" prototype 3 >"$tmp/on_pages"
awk -F '\t' 'NR == FNR { has[$1]; next } $1 == "function" && $2 in has { print $3 }' \
  "$tmp/on_pages" "$tmp/headers" | sort >"$tmp/a"
fact "$tmp/pages" prototype 4 | sort >"$tmp/b"
at_least 10 "$tmp/b" "prototypes in the manual"
compare "the headers" "$tmp/a" "the SYNOPSIS of the pages" "$tmp/b" "copy the types and the names of the header"

fact "$tmp/pages" struct 3 >"$tmp/on_pages"
awk -F '\t' 'NR == FNR { has[$1]; next } $1 == "struct" && $2 in has { print $2, $3 }' \
  "$tmp/on_pages" "$tmp/headers" | sort >"$tmp/a"
fact "$tmp/pages" struct 3 4 >"$tmp/b"
compare "the headers" "$tmp/a" "the structures of the pages" "$tmp/b" "copy the members, without the comments"

# If a structure has public members, the page with the name of this structure shows the members.
awk -F '\t' '$1 == "struct" && $3 !~ /^(mio_source source;)?(uint64_t opaque\[[0-9]*\];)?$/ { print $2 }' "$tmp/headers" |
  sort | comm -23 - "$tmp/on_pages" | while read -r name; do
    grep -q "^name${tab}[^${tab}]*${tab}$name\$" "$tmp/pages" && echo "$name"
  done >"$tmp/only"
[ ! -s "$tmp/only" ] || problem "no page shows the members of: $(tr '\n' ' ' <"$tmp/only")"

# --- Where a function may be called -------------------------------------------------------------------------------

awk -F '\t' '
  function note(text) { print text }
  NR == FNR {
    if ($1 == "safety") { threads[$2] = $3; signals[$2] = $4 }
    next
  }
  $1 == "attribute" && $3 in threads {
    if (threads[$3] == "one thread" ? $4 != "one thread" : $4 ~ /^(one thread|no)/)
      note($2 ": " $3 ": threads: the header says \"" threads[$3] "\", the page \"" $4 "\"")
    if (signals[$3] != $5)
      note($2 ": " $3 ": signals: the header says \"" signals[$3] "\", the page \"" $5 "\"")
    if ($6 == "") note($2 ": " $3 ": nothing is said of a forked child")
  }' "$tmp/headers" "$tmp/pages" >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"

# --- Errors -------------------------------------------------------------------------------------------------------

# Prints a line "FUNCTION CODE" for each error code that the source of an exported function in src/abi contains. Leaves
# out a code that the source uses only in comparisons.
cat "$srcdir"/src/abi/*.cc | awk '
  { sub(/\/\/.*/, ""); gsub(/[!=]= -E[A-Z0-9]+/, "") } # a code in a comparison need not be returned
  match($0, /^MIO_EXPORT .*[ *]mio_[a-z0-9_]+\(/) {
    name = substr($0, RSTART, RLENGTH - 1)
    sub(/.*[ *]/, "", name)
  }
  /^}/ { name = "" }
  name != "" {
    rest = $0
    gsub(/(==|!=|case) *-E[A-Z0-9]+/, "", rest)
    while (match(rest, /-E[A-Z0-9]+/)) {
      print name, substr(rest, RSTART + 1, RLENGTH - 1)
      rest = substr(rest, RSTART + RLENGTH)
    }
  }' | sort -u >"$tmp/returned"
at_least 100 "$tmp/returned" "codes in src/abi"

# The functions of a group share one comment in the header. The pages of the functions must have the same error codes as
# this comment. mio.h documents ECHILD for all functions of a poll object, so the comment of a function need not name
# ECHILD.
awk -v returned="$tmp/returned" '
  BEGIN { FS = "\t" }
  FILENAME ~ /headers$/ {
    if ($1 == "function") {
      file_of[$2] = $4
      forks[$2] = $3 ~ /[(,](const )?mio_(poll|registry|waker)\*/
    } else if ($1 == "errors") {
      group[$2] = $4
      mode[$4] = $3
      n = split($5, code, " ")
      for (i = 1; i <= n; i++) {
        promised[$4, code[i]]
        in_file[file_of[$2], code[i]]
        promises[$4] = promises[$4] " " code[i]
      }
    }
    next
  }
  $1 == "name" && $3 in group { documented[group[$3]] = $2; example[group[$3]] = $3 }
  $1 == "error" && $3 in group {
    on_page[group[$3], $4]
    listed[$3, $4]
    if (!((group[$3], $4) in promised) && !($4 == "ECHILD" && forks[$3]) &&
        !(mode[group[$3]] == "open" && (file_of[$3], $4) in in_file))
      print $2 ": " $3 ": " $4 " is on the page, but not in the contract of the header"
  }
  $1 == "name" { page_of[$3] = $2 }
  END {
    for (g in documented) {
      n = split(promises[g], code, " ")
      for (i = 1; i <= n; i++)
        if (!((g, code[i]) in on_page)) print documented[g] ": " example[g] ": " code[i] " is in the header, but not on the page"
    }
    while ((getline line <returned) > 0) {
      split(line, word, " ")
      if (word[1] in page_of && !((word[1], word[2]) in listed))
        print page_of[word[1]] ": " word[1] ": the source returns " word[2] ", which is not on the page"
    }
  }' "$tmp/headers" "$tmp/pages" | sort -u >"$tmp/only"
while read -r line; do
  problem "$line"
done <"$tmp/only"
[ ! -s "$tmp/only" ] || mend "document the cause in the header and on the page; see CONTRIBUTING, Manual"

# --- A function that a platform lacks returns -ENOTSUP ------------------------------------------------------------

# A header of src/port/ is a contract, and a platform may lack some contracts. On a platform that lacks a contract, the
# functions of this contract return -ENOTSUP. Each exported function that can call such a function has ENOTSUP on its
# page. Some functions need an open pipe or Unix socket, which no program can open on such a platform. The test leaves
# out these functions.
sources=$(find "$srcdir/src/absent" "$srcdir/src/posix" -name '*.cc')
# shellcheck disable=SC2086 # each file name is one word
awk '
  /^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
  /-ENOTSUP/ { print name }' $sources | grep -vE '^(pipe_|unix_datagram_|(send|recv|connect|disconnect)_unix_)' |
  sort -u >"$tmp/lacking"
at_least 15 "$tmp/lacking" "functions of src/absent and src/posix that return -ENOTSUP"
# shellcheck disable=SC2046
awk -f "$docs/calls.awk" $(find "$srcdir/src/abi" "$srcdir/src/source" "$srcdir/src/poll" -name '*.[ch][ch]*') \
  "$srcdir/src/unix/udp_messages.cc" | sort -u >"$tmp/calls"
awk '
  NR == FNR { reaches[$1]; next }
  { callers[$2] = callers[$2] " " $1 }
  function mark(name, count, words, i) {
    count = split(callers[name], words, " ")
    for (i = 1; i <= count; i++) if (!(words[i] in reaches)) { reaches[words[i]]; mark(words[i]) }
  }
  END {
    for (name in reaches) start[name]
    for (name in start) mark(name)
    for (name in reaches) if (name ~ /^mio_/) print name
  }' "$tmp/lacking" "$tmp/calls" | sort >"$tmp/a"
at_least 25 "$tmp/a" "functions that a platform may lack"
awk -F '\t' '$1 == "error" && $4 == "ENOTSUP" { print $3 }' "$tmp/pages" | sort -u | comm -23 "$tmp/a" - >"$tmp/only"
while read -r name; do
  problem "$name: a platform may lack what the function needs (src/absent), and its page has no ENOTSUP"
done <"$tmp/only"

finish
