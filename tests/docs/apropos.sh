#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that apropos finds a page for the words that an author of a daemon looks for.
. "$(dirname "$0")/common.sh"

need makewhatis mandoc
need mapropos mandoc

mkdir -p "$tmp/man/man3" "$tmp/man/man7"
cp "$srcdir"/man/*.3 man/cpp/*.3 "$tmp/man/man3"
cp "$srcdir"/man/*.7 "$tmp/man/man7"
chmod -R u+w "$tmp/man" # in "make distcheck" the source is read-only
makewhatis "$tmp/man" >"$tmp/log" 2>&1 || problem "makewhatis: $(cat "$tmp/log")"

for word in timer timeout child fork dns proxy thread coroutine signal splice multicast seqpacket ICMP systemd TLS "socket activation"; do
  mapropos -M "$tmp/man" "$word" >"$tmp/found" 2>"$tmp/log" ||
    problem "apropos $word finds no page: $(cat "$tmp/log")"
done
[ $failed -eq 0 ] || mend "name the word in .Nd of the page for it"

finish
