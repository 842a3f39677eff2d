#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the shared library from the view of the dynamic loader. The library has the name libmio.so.1 and needs only
# libc. The library uses no symbol of a C++ run time. The library has no executable stack and no relocations in code.
. "$(dirname "$0")/common.sh"

need_shared
need "$READELF" binutils
[ -z "$SANITIZE" ] || skip "this build is linked with the sanitizers' libraries"

$READELF -dW "$shared" >"$tmp/dynamic"
soname=$(sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p' "$tmp/dynamic")
[ "$soname" = libmio.so.1 ] ||
  { problem "SONAME is $soname, not libmio.so.1"; mend "CURRENT - AGE of libmio_version_info in src/module.am is 1 for ever"; }

libraries=$(sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' "$tmp/dynamic")
for library in $libraries; do
  case $library in
    libc.so.*|libc.musl-*|ld-linux*|ld64.so*|ld-musl-*) ;;
    *) problem "$shared needs $library"
       mend "find its user with LD_DEBUG=bindings, or link without it; only libc is allowed" ;;
  esac
done

# The start-up files of the C compiler use the weak symbol __cxa_finalize. The library must use no other symbol of a C++
# run time.
$READELF -W --dyn-syms "$shared" | awk '$7 == "UND" && $8 != "" { print $5, $8 }' |
  grep -E ' (_Z|__cxa|__gxx|_Unwind|__dynamic_cast|__libc_start)' | grep -v '^WEAK __cxa_finalize' >"$tmp/runtime"
if grep . "$tmp/runtime"; then
  problem "the symbols above belong to the C++ run time, which $shared must do without"
  mend "no exceptions, run-time types, virtual destructors, constructors of variables inside functions, std containers, new or delete"
fi

if grep TEXTREL "$tmp/dynamic"; then
  problem "$shared has relocations in its code"
fi
if $READELF -lW "$shared" | grep GNU_STACK | grep -q RWE; then
  problem "$shared asks for an executable stack"
fi

finish
