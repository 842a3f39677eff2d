#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the static probe points. The library has an ELF note for each probe point in the list of mio(7). The note has
# the name and the arguments of the point, and the address of its semaphore. A tracer relies on the name of each point,
# and on the order, size and sign of its arguments. For example, "-4@%eax" is a signed argument of 4 bytes.
. "$(dirname "$0")/common.sh"

need "$READELF" binutils
need_shared
if ! grep -q '^S\["PROBES_TRUE"\]=""' config.status; then
  grep -q -e '--disable-probes' -e '--enable-probes=no' config.status ||
    missing "sys/sdt.h, when this was configured," systemtap-sdt-dev
  ! $READELF -n "$shared" 2>/dev/null | grep -q stapsdt || problem "probes in $shared, which was configured without"
  finish
fi

# Each line has the name and the arguments of a probe point. For an argument, p means an address or a size. Any other
# word is the size of the argument in bytes, with a minus if the argument is signed.
cat >"$tmp/wanted.words" <<'END'
deregister p -4 -4
register p -4 p 4 -4
reregister p -4 p 4 -4
wait_begin p p -8
wait_end p -4
wake p p -4
END
pointer=8
if $READELF -h "$shared" | grep -q 'ELF32'; then
  pointer=4
fi
sed "s/ p\\>/ $pointer/g" "$tmp/wanted.words" | sort >"$tmp/wanted"

# If the compiler has put a probe in several places, each place has its own ELF note.
$READELF -n "$shared" 2>/dev/null | awk '
  $1 == "Provider:" { mine = $2 == "mio" }
  $1 == "Name:" && mine { name = $2 }
  $1 == "Arguments:" && mine {
    line = name
    for (i = 2; i <= NF; i++) if ($i ~ /@/) { sub(/@.*/, "", $i); line = line " " $i }
    print line
  }' | sort -u >"$tmp/found"
compare "tests/abi/probes.sh" "$tmp/wanted" "the notes of $shared" "$tmp/found" \
  "probes are stable: put back what was there, and list here and in mio(7) what is new"

# Each probe point has its own semaphore. For a point without a semaphore, the note has the address 0.
$READELF -n "$shared" 2>/dev/null | awk '
  $1 == "Provider:" { mine = $2 == "mio" }
  $1 == "Name:" { name = $2 }
  mine && sub(/.*Semaphore: 0x0*/, "") && $0 != "" { print name, $0 }' | sort -u >"$tmp/semaphores"
cut -d ' ' -f 1 "$tmp/found" | sort -u >"$tmp/names"
cut -d ' ' -f 1 "$tmp/semaphores" >"$tmp/guarded"
compare "the probes" "$tmp/names" "the probes with a semaphore" "$tmp/guarded" "see src/unix/platform/probe.hpp"
cut -d ' ' -f 2 "$tmp/semaphores" | sort | uniq -d >"$tmp/twice"
[ ! -s "$tmp/twice" ] || problem "several probes use the same semaphore: see $tmp/semaphores"

# On the page, each probe point has a line of this form: .It Ic name Ar argument...
sed -n 's/^\.It Ic \([a-z_]*\) Ar \(.*\)$/\1 \2/p' "$srcdir/man/mio.7" | awk '{ print $1, NF - 1 }' | sort >"$tmp/page"
awk '{ print $1, NF - 1 }' "$tmp/found" | sort -u >"$tmp/counts"
compare "the notes" "$tmp/counts" "PROBES of man/mio.7" "$tmp/page" "give each probe and its arguments there"

# The library must have every probe that examples/mio_trace.bt and the examples of mio(7) use.
sed -n 's/^usdt:\*:mio:\([a-z_]*\).*/\1/p' "$srcdir/examples/mio_trace.bt" "$srcdir/man/mio.7" | sort -u >"$tmp/used"
while read -r name; do
  grep -q "^$name " "$tmp/counts" || problem "there is no probe $name: see examples/mio_trace.bt and man/mio.7"
done <"$tmp/used"
[ -s "$tmp/used" ] || problem "no probes found in examples/mio_trace.bt and man/mio.7"

finish
