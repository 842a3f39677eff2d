#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests cares_resolve of examples/integration, in which a poll object drives c-ares. integrating.sh lists the checks.
#
# shellcheck disable=SC2086 # variables such as $program hold a command with its options

. "$(dirname "$0")/integrating.sh"

built cares_resolve libc-ares-dev
PATH=$PATH:/usr/sbin # Debian has dnsmasq there

# One name has so many addresses that the answer needs TCP.
start_dns()
{
  command -v dnsmasq >/dev/null || missing dnsmasq dnsmasq-base
  {
    printf '%s\n' no-resolv no-hosts bind-interfaces listen-address=127.0.0.1 local=/test/ pid-file= "user=$(id -un)"
    printf '%s\n' host-record=one.test,127.0.0.1,::1 host-record=two.test,127.0.0.2
    awk 'BEGIN { for (i = 1; i <= 60; i++) print "host-record=big.test,127.0.1." i }'
  } >"$tmp/dns.conf"
  for _ in 1 2 3; do # another process may take the port
    dns_port=$(free_port)
    dnsmasq --keep-in-foreground --conf-file="$tmp/dns.conf" --port="$dns_port" 2>"$tmp/dns.err" &
    server=$!
    until_true $binary --server "127.0.0.1:$dns_port" --timeout 500 one.test && return 0
    kill -9 "$server" 2>/dev/null
  done
  problem "no DNS server: $(cat "$tmp/dns.err")"
}

cares_resolves()
{
  ask="$program --server 127.0.0.1:$dns_port"
  expect 0 out '^two.test 127.0.0.2$' $ask one.test two.test
  printed 1 '^one.test 127.0.0.1$'
  printed 1 '^one.test ::1$'
  expect 0 out '^big.test 127.0.1.60$' $ask big.test one.test
  printed 60 '^big.test 127.0.1.[0-9]*$'
  # shellcheck disable=SC2046
  expect 0 out '^two.test 127.0.0.2$' $ask $(awk 'BEGIN { for (i = 0; i < 50; i++) print "two.test" }')
  printed 50 '^two.test 127.0.0.2$'
}

cares_fails()
{
  expect 2 err '^cares_resolve: not a number of milliseconds: soon$' $program --timeout soon one.test
  expect 2 err '^cares_resolve: .*: --no-such-option$' $program --no-such-option one.test
  expect 1 err '^cares_resolve: here: ' $program --server here one.test
  expect 1 err '^cares_resolve: none.test: Domain name not found$' env LOCALDOMAIN=elsewhere $ask none.test two.test
  printed 1 '^two.test 127.0.0.2$'
  expect 1 err '^cares_resolve: one.test: ' $program --server 127.0.0.1:1 --timeout 100 one.test
  expect 1 err '^cares_resolve: one.test: Timeout' $program --server "127.0.0.1:$silent_udp" --timeout 30 one.test
}

works()
{
  cares_resolves
  cares_fails
}

waits()
{
  sleeps $binary --server "127.0.0.1:$silent_udp" --timeout 60000 one.test
}

start_silent
start_dns
run_everywhere
finish
