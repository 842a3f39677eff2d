#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the layers of src/, and the lengths of its files and functions. Each folder of src/ is a layer (see DESIGN).
# This script calls a layer a "floor".
. "$(dirname "$0")/common.sh"

# Each line names a floor. After the colon come the floors whose headers this floor may include. All files may include
# <mio/...> and the headers of the language.
floors='
abi: source poll port core
source: poll port core
poll: port core
port: core
unix: port core
linux: unix port core
absent: port core
posix: unix port core
probed: unix port core
bsd: unix port core
windows: port core
core:
'

# Headers of the language, of the compiler and of the C library that do not depend on the operating system.
free_headers='stddef.h stdint.h stdlib.h stdarg.h string.h limits.h errno.h
new type_traits utility concepts bit limits cstddef cstdint sanitizer/msan_interface.h'

# The floors that depend on the operating system. Only files of these floors may use headers and macros of the operating
# system. If a header port/x.hpp has inline functions, it includes platform/x.hpp. src/module.am chooses the folder
# platform/ of unix/ or of windows/.
system_floors='unix linux posix probed bsd windows'

# The maximum lengths, in lines, of a file, of any function, and of a function of abi/. A function of abi/ has only a
# check, a cast and one call.
file_lines=400 function_lines=60 abi_lines=12

cd "$srcdir/src" || exit 99
find . -name '*.cc' -o -name '*.hpp' | sed 's,^\./,,' | sort >"$tmp/files"
grep . "$tmp/files" >/dev/null || problem "no sources below src/"
find . -type f ! -name '*.cc' ! -name '*.hpp' | sed 's,^\./,,' | grep -vxE 'module\.am|libmio\.map' >"$tmp/others"
if grep -E '\.(c|h|C|hh|cpp|cxx|inl|ipp)$' "$tmp/others"; then
  problem "the files above: sources are .cc and .hpp"
fi

# Runs all checks that look at one line at a time.
export floors free_headers system_floors
# shellcheck disable=SC2016 # $0 is awk's
xargs awk -v file_lines=$file_lines -v edges="$tmp/edges" '
  function bad(text) { print "    " FILENAME ":" FNR ": " text }
  function split_set(text, set,   words, i, n) { n = split(text, words, " "); for (i = 1; i <= n; i++) set[words[i]] = 1 }
  function end_of(file) {
    if (length_of > file_lines) print "    " file ": " length_of " lines, more than " file_lines ": split it"
    if (header && includes > 2 && !declares) print "    " file ": only includes others: include what is used instead"
  }
  BEGIN {
    n = split(ENVIRON["floors"], line, "\n")
    for (i = 1; i <= n; i++) if (split(line[i], part, ":") == 2) {
      known[part[1]] = 1
      m = split(part[2], word, " ")
      for (j = 1; j <= m; j++) below[part[1], word[j]] = 1
    }
    split_set(ENVIRON["free_headers"], is_free)
    split_set(ENVIRON["system_floors"], is_system)
  }
  FNR == 1 {
    if (NR > 1) end_of(previous)
    previous = FILENAME; includes = 0; declares = 0
    floor = FILENAME; sub(/\/.*/, "", floor)
    module = FILENAME; sub(/\.[a-z]*$/, "", module)
    header = FILENAME ~ /\.hpp$/
    if (FILENAME !~ /^([a-z]+|(unix|windows|absent)\/platform)\/[a-z0-9_]+\.(cc|hpp)$/ || !(floor in known)) bad("not a floor of the design, or a name not in lower case")
    if (floor == "port" && !header) bad("port/ holds contracts, in headers only")
    if ($0 != "// SPDX-License-Identifier: MIT") bad("the first line is: // SPDX-License-Identifier: MIT")
  }
  { length_of = FNR }
  /^[ \t]*#[ \t]*include/ {
    name = $0; sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
    if (/"/) {
      target = name; sub(/\/.*/, "", target)
      to = name; sub(/\.[a-z]*$/, "", to)
      if (target == "platform" && module == "port/" substr(to, length("platform/") + 1)) { includes++; next }
      if (name !~ /^[a-z]+\/[a-z0-9_]+\.hpp$/ || !(target in known)) bad("include \"" name "\": write it from src/, as \"floor/name.hpp\"")
      else if (target != floor && !((floor, target) in below))
        bad("include \"" name "\": " floor "/ does not stand above " target "/")
      if (to != module) print module, to >edges
    } else {
      if (!includes && FILENAME != "core/base.hpp") bad("include <" name ">: core/base.hpp, or a header that begins with it, comes first")
      if (name !~ /^mio(\.h|\/[a-z_]+\.h)$/ && !(name in is_free) && !(floor in is_system))
        bad("include <" name ">: what the operating system has belongs into unix/ or windows/")
    }
    includes++
    next
  }
  /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)/ && !(floor in is_system) &&
    /__(linux|gnu_linux|unix|APPLE|MACH|FreeBSD|NetBSD|OpenBSD|DragonFly|sun|CYGWIN|ANDROID|MINGW32)__|_WIN(32|64)|_MSC_VER|TARGET_OS_/ {
      bad("a condition on the operating system: choose a file in src/module.am instead")
  }
  !/^[ \t]*(\/\/.*|#.*)?$/ { declares = 1 }
  /^[ \t]*#[ \t]*define/ { declares = 1 }
  END { end_of(previous) }' <"$tmp/files" >"$tmp/lines"
if grep . "$tmp/lines" >/dev/null; then
  problem "layering, in src/:"
  cat "$tmp/lines"
fi

# Each platform implements a contract of port/ in a file that has the stem of the contract. So files in several folders
# may have the same stem if port/ has a contract with this stem. Files may also have the same stem if all their folders
# are platforms, because related platforms can share a contract of their own.
sed -e 's,/platform/,/,; s/\.[a-z]*$//' "$tmp/files" | sort -u >"$tmp/modules"
sed 's,.*/,,' "$tmp/modules" | sort | uniq -d | while read -r stem; do
  grep -qx "port/$stem" "$tmp/modules" || ! grep "^\(core\|poll\|source\|abi\)/$stem\$" "$tmp/modules"
done >"$tmp/twice"
if grep . "$tmp/twice"; then
  problem "each stem above is used in more than one folder of src/, and port/ has no contract of that name"
fi

# A platform implements the contracts port/selector.hpp and port/notifier.hpp by tables of functions.
# port/mechanisms.hpp declares the lists of these tables. So a platform needs no file selector.cc and no file
# notifier.cc.
tables='selector notifier'
sed -n 's,^port/,,p' "$tmp/modules" | while read -r stem; do
  case " $tables " in *" $stem "*) continue ;; esac
  grep -qE "^(unix|linux|posix|probed|bsd|windows)/(platform/)?$stem\.(cc|hpp)\$" "$tmp/files" || echo "    port/$stem.hpp"
done >"$tmp/unmet"
if grep . "$tmp/unmet"; then
  problem "no platform has a file of the name of each contract above"
fi

# Each file of absent/ implements a contract of port/, for platforms that have no file for this contract.
sed -n 's,^absent/,,p' "$tmp/modules" | while read -r stem; do
  grep -qx "port/$stem" "$tmp/modules" || echo "    absent/$stem"
done >"$tmp/idle"
if grep . "$tmp/idle"; then
  problem "port/ has no contract of the name of each file above"
fi

# No module may include itself through other modules.
if [ -e "$tmp/edges" ] && ! sort -u "$tmp/edges" | tsort >/dev/null 2>"$tmp/loops"; then
  problem "modules include each other in a circle:"
  sed -n 's/^tsort: \([a-z]*\/\)/    \1/p' "$tmp/loops"
  mend "pass a value down and return a verdict, instead of calling up"
fi

# Checks that no function is too long. Universal Ctags reports the first and the last line of each function.
: "${CTAGS:=ctags}"
if ! $CTAGS --version 2>/dev/null | grep -q 'Universal Ctags'; then
  [ $failed -eq 0 ] || finish
  missing "Universal Ctags" universal-ctags
fi
$CTAGS --quiet --options=NONE -x --languages=C++ --map-C++=+.hpp --kinds-C++=f --_xformat='%F %{line} %{end} %N' -L "$tmp/files" |
  awk -v most=$function_lines -v abi=$abi_lines '
    $3 ~ /^[0-9]+$/ {
      lines = $3 - $2 + 1; limit = $1 ~ /^abi\// ? abi : most
      if (lines > limit) print "    " $1 ":" $2 ": " $4 " has " lines " lines, more than " limit
    }' >"$tmp/long"
if grep . "$tmp/long" >/dev/null; then
  problem "functions too long, in src/:"
  cat "$tmp/long"
  mend "split off a part that can have its own name; from abi/ move it a floor down"
fi

finish
