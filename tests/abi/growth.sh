#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that a struct with a `size` can grow. The test builds a program and a library with today's structs. Then the
# test adds a member to each struct, and builds a second program and a second library. Each program must work with each
# library. Also checks that each struct without a `size` is opaque, or is one of the structs that `fixed` lists.
. "$(dirname "$0")/common.sh"

need_shared
[ -z "$SANITIZE" ] || skip "the library that is made here would need the sanitizers of the other"

# --- Find the structs of the headers --------------------------------------------------------------------------------

# These structs have no member that contains the size of the struct, so they cannot grow. mio_iovec has the layout of
# the system's iovec. mio_event is the element of an array of events. If mio_text grew, mio_text_init would write beyond
# the struct of an older program.
fixed='mio_iovec mio_event mio_text'
# shellcheck disable=SC2046 # a list of files
awk '/^typedef struct [a-z0-9_]+ \{/ { name = $3; getline; print name, $1, $2 }' $(public_headers) >"$tmp/structs"
[ "$(wc -l <"$tmp/structs")" -ge 20 ] || problem "found only $(wc -l <"$tmp/structs") structs"
sized=$(sed -n 's/ uint32_t size;$//p' "$tmp/structs")
grep -vE ' (uint32_t size|uint64_t opaque\[[0-9]+\]|mio_source source);$' "$tmp/structs" >"$tmp/unsized"
while read -r name _; do
  case " $fixed " in
    *" $name "*) ;;
    *) problem "$name has no size, and is not opaque" ;;
  esac
done <"$tmp/unsized"
for name in $sized; do
  upper=$(echo "$name" | tr '[:lower:]' '[:upper:]')
  grep -q "${upper}_INIT" "$srcdir/tests/abi/growth.c" || problem "tests/abi/growth.c does not use $name"
done

# --- Add a member to each struct ------------------------------------------------------------------------------------

cp -R "$srcdir/include" "$tmp/grown"
chmod -R u+w "$tmp/grown"
cp include/mio/version.h "$tmp/grown/mio/"
for name in $sized; do
  sed -i "s/^} $name;/    uint32_t added_later;\n    uint32_t no_padding;\n&/; s/^ *sizeof($name), .*[^ \\\\]/&, 0, 0/" \
    "$tmp"/grown/mio/*.h
  grep -q "^    uint32_t added_later;\$" "$tmp"/grown/mio/*.h || problem "$name could not be made longer"
done

# Compiles the library for Linux, without the named pipes of Windows. The compiler prints no warnings here, because
# "make" has already checked for them.
mkdir "$tmp/objects"
# shellcheck disable=SC2016,SC2086 # the inner shell expands the variables; CXX may be several words
(cd "$srcdir/src" &&
  find core poll source abi unix linux probed -name '*.cc' ! -name '*named_pipe.cc' | xargs -P 2 -I '{}' sh -c 'file=$1 && shift && "$@" -o "$0/in$(echo "$file" | tr / _).o" "$file"' \
    "$tmp/objects" '{}' $CXX -std=c++20 -O1 -w -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti \
    -fno-threadsafe-statics -I. -Iunix -I"$tmp/grown" -c &&
  $CC -shared -Wl,-soname,libmio.so.1 -Wl,--version-script=libmio.map -o "$tmp/libmio.so.1" "$tmp"/objects/*.o) ||
  problem "a library of longer structs is not built"

# program NAME INCLUDE-DIRECTORY FLAG...: builds the program NAME from growth.c, with the headers in INCLUDE-DIRECTORY.
program()
{
  name=$1 include=$2
  shift 2
  # shellcheck disable=SC2086
  $CC -std=gnu11 -Wall -Wextra -Werror "$@" -I"$include" -Iinclude -o "$tmp/$name" "$srcdir/tests/abi/growth.c" \
    -L.libs -lmio || problem "growth.c does not compile: $*"
}
program old "$srcdir/include"
program old_in_grown "$srcdir/include" -DGROWN_LIBRARY
program new "$tmp/grown" -DGROWN
program new_in_grown "$tmp/grown" -DGROWN -DGROWN_LIBRARY

# try TITLE PROGRAM DIRECTORY: prints TITLE, and runs PROGRAM with the library in DIRECTORY.
try()
{
  [ $failed -eq 0 ] || return
  echo "$1"
  LD_LIBRARY_PATH=$3 "$tmp/$2" || problem "$1: see above"
}
try "a program of today with the library of today" old "$PWD/.libs"
try "a program of today with a later library" old_in_grown "$tmp"
try "a later program with the library of today" new "$PWD/.libs"
try "a later program with a later library" new_in_grown "$tmp"
[ $failed -eq 0 ] || mend "src/core/struct_size.hpp is the one place that looks at sizes"

finish
