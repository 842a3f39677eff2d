#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests the example in Python, which uses ctypes. Like any binding for another language, it needs only the exported
# functions of the library. The example must run, and its structures must have the same sizes as in the headers.
. "$(dirname "$0")/../abi/common.sh"

need_shared
need python3 python3
[ -z "$SANITIZE" ] || skip "a sanitizer must be there from the start, and Python is built without one"
program=$srcdir/examples/quick_start.py

LD_LIBRARY_PATH=.libs timeout 60 python3 "$program" 127.0.0.1:0 >"$tmp/said" 2>&1 || problem "$program failed"
printf '%s\n' 'server: accepted a connection, dropping it' 'client: the connection has ended' >"$tmp/wanted"
cmp -s "$tmp/wanted" "$tmp/said" || {
  problem "$program said something else:"
  cat "$tmp/said"
}
LD_LIBRARY_PATH=.libs timeout 60 python3 "$program" --help >"$tmp/said" 2>&1 || problem "$program --help failed"
if ! grep -q '^usage: quick_start\.py ' "$tmp/said" || [ "$(wc -l <"$tmp/said")" -ne 2 ]; then
  problem "$program --help does not say what the program shows: $(cat "$tmp/said")"
fi
LD_LIBRARY_PATH=.libs timeout 60 python3 "$program" nonsense >"$tmp/said" 2>&1 && problem "accepts an invalid address"
[ "$(cat "$tmp/said")" = 'quick_start.py: nonsense: Invalid argument (EINVAL)' ] ||
  problem "$program reports an invalid address by $(cat "$tmp/said")"

# Compares the structures in the headers with the structures in the Python program.
cat >"$tmp/sizes.c" <<'END'
#include <mio.h>
#include <stdio.h>
int main(void)
{
    printf("%zu %zu %zu %u %u %d\n", sizeof(mio_source), sizeof(mio_addr), sizeof(mio_event), (unsigned)MIO_READABLE,
           (unsigned)MIO_WRITABLE, MIO_BACKLOG_MAX);
    return 0;
}
END
# shellcheck disable=SC2086 # CC can hold flags
if ! $CC -std=c11 -I"$srcdir/include" -Iinclude -o "$tmp/sizes" "$tmp/sizes.c"; then
  problem "the sizes of the headers cannot be had"
fi
"$tmp/sizes" >"$tmp/wanted"
cat >"$tmp/sizes.py" <<'END'
import ctypes
import quick_start as q
print(*map(ctypes.sizeof, (q.Source, q.Addr, q.Event)), q.READABLE, q.WRITABLE, q.BACKLOG_MAX)
END
LD_LIBRARY_PATH=.libs PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$srcdir/examples python3 "$tmp/sizes.py" >"$tmp/said" 2>&1
cmp -s "$tmp/wanted" "$tmp/said" || {
  problem "the headers have $(cat "$tmp/wanted"), the program has $(cat "$tmp/said")"
  mend "correct the sizes and constants in examples/quick_start.py"
}

finish
