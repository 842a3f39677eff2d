#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests curl_fetch of examples/integration, in which a poll object drives libcurl. integrating.sh lists the checks.
#
# shellcheck disable=SC2086 # variables such as $program hold a command with its options

. "$(dirname "$0")/integrating.sh"

built curl_fetch libcurl4-openssl-dev

start_http()
{
  mkdir -p "$tmp/www/folder"
  echo hi >"$tmp/www/small"
  echo index >"$tmp/www/folder/index.html"
  head -c 3000000 /dev/urandom >"$tmp/www/big"
  (cd "$tmp/www" && exec python3 -u -c '
import http.server
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128 # because this many clients connect at once
server = Server(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port)
server.serve_forever()') >"$tmp/http.out" 2>"$tmp/http.err" &
  server=$!
  until_true test -s "$tmp/http.out" || problem "no HTTP server: $(cat "$tmp/http.err")"
  url=http://127.0.0.1:$(cat "$tmp/http.out")
}

# The server redirects the request for the folder. For the new address, libcurl opens another socket, which gets the
# descriptor number of the socket that libcurl has just closed. There are more transfers than connections, so some
# transfers wait. A thread of libcurl resolves localhost.
curl_fetches()
{
  expect 0 out "^200 3000000 $url/big\$" $program "$url/big" "$url/small" "$url/folder" "$url/small"
  printed 2 "^200 3 $url/small\$"
  printed 1 "^200 6 $url/folder\$"
  expect 0 out "^200 3 http://localhost:${url##*:}/small\$" $program "http://localhost:${url##*:}/small"
  # shellcheck disable=SC2046 # each URL is one word
  expect 0 out "^200 3 $url/small\$" $program $(awk -v url="$url" 'BEGIN { for (i = 0; i < 100; i++) print url "/small" }')
  printed 100 "^200 3 $url/small\$"
}

curl_fails()
{
  expect 2 err '^curl_fetch: not a number of milliseconds: 0$' $program --timeout 0 "$url/small"
  expect 2 err '^curl_fetch: .*: --no-such-option$' $program --no-such-option "$url/small"
  expect 1 out "^404 [0-9]* $url/none\$" $program "$url/none" "$url/small"
  printed 1 "^200 3 $url/small\$"
  expect 1 err '^curl_fetch: http://127.0.0.1:1/: .*connect' $program http://127.0.0.1:1/ "$url/small"
  printed 1 "^200 3 $url/small\$"
  expect 1 err '^curl_fetch: .*: .*\(timed out\|timeout\)' $program --timeout 500 "http://127.0.0.1:$silent_tcp/"
  expect 1 err '^curl_fetch: file:' $program file:///etc/hostname
}

works()
{
  curl_fetches
  curl_fails
}

waits()
{
  sleeps $binary "http://127.0.0.1:$silent_tcp/"
}

start_silent
start_http
run_everywhere
finish
