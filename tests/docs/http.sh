#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that examples/http_hello follows HTTP/1.1 (RFC 9110, RFC 9112), with correct clients and with hostile clients.
# While the server runs, it must not allocate memory and must not spin. After SIGTERM, the server must answer the
# requests that have begun, and then end.

. "$(dirname "$0")/serving.sh"

[ -x examples/http_hello ] || missing "examples/http_hello, for which configure wants Boost.Beast," libboost-dev
need curl curl
need wrk wrk
export no_proxy='*' # for curl

program=examples/http_hello
$CC -o "$tmp/client" "$srcdir/tests/docs/http_client.c" || { problem "no client"; finish; }

# url PATH: prints the URL of PATH on the server.
url()
{
  echo "http://127.0.0.1:$port$1"
}

# client MODE BYTES: runs http_client in the mode MODE. printf makes the request from BYTES, http_client sends the
# request, and the function writes the server's answer to $tmp/answer. The server must close the connection without a
# reset.
client()
{
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$2" | "$tmp/client" "$port" "$1" >"$tmp/answer" || problem "client $1: no orderly end after $2"
}

# statuses WANT: checks that the answers to the client have the statuses WANT, such as '200 400'.
statuses()
{
  got=$(sed -n 's,^HTTP/1\.1 \([0-9]*\) .*,\1,p' "$tmp/answer" | tr '\n' ' ')
  [ "$got" = "$1 " ] || problem "$name answers '$got', not '$1'"
}

# has_line PATTERN FILE: checks that a line of FILE matches PATTERN. Ignores the CR at the end of a line.
has_line()
{
  tr -d '\r' <"$2" | grep -qx -e "$1"
}

# answers URL OPTION...: runs curl with URL and all OPTIONs. Writes the answer to $tmp/answer, and curl's messages to
# $tmp/err.
answers()
{
  curl -sS --max-time 20 -o "$tmp/answer" "$@" 2>"$tmp/err" || problem "curl $*: $(cat "$tmp/err")"
}

get='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
close='GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

# --- Requests that arrive in pieces -------------------------------------------------------------------------------

# shellcheck disable=SC2086 # words
if $CXX -std=c++17 $SANITIZE -I "$srcdir/examples" -o "$tmp/request" "$srcdir/tests/docs/http_request.cc"; then
  "$tmp/request" >"$tmp/out" || problem "requests are misunderstood: $(cat "$tmp/out")"
else
  problem "tests/docs/http_request.cc does not compile"
fi

# --- The command line ---------------------------------------------------------------------------------------------

expect 0 out '^usage: ' $program --help
expect 2 err 'no-such-option' $program --no-such-option
expect 2 err '^http_hello: .*: 65536$' $program --port 65536
expect 2 err '^http_hello: .*: 8x$' $program --port 8x
expect 2 err '^http_hello: .*: 0$' $program --max-connections 0
expect 2 err '^http_hello: .*: 0$' $program --workers 0
expect 2 err '^http_hello: .*: 0$' $program --timeout 0
expect 2 err '^http_hello: .*: 127.0.0$' $program --address 127.0.0
expect 2 err '^http_hello: .*: more$' $program more
expect 1 err '^http_hello: .* 192.0.2.1:0: ' $program --address 192.0.2.1 --port 0

# --- Answers ------------------------------------------------------------------------------------------------------

start $program
expect 1 err "^http_hello: .*127.0.0.1:$port: Address already in use\$" $program --port "$port"

# Every byte of the answer must be right. The date must have the format of RFC 9110, 5.6.7, and be current.
before=$(date +%s)
answers -i "$(url /)"
after=$(date +%s)
date=$(tr -d '\r' <"$tmp/answer" | sed -n 's/^Date: //p')
echo "$date" | grep -qE '^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT$' ||
  problem "Date: $date"
seconds=$(date -d "$date" +%s)
if [ "$seconds" -lt "$before" ] || [ "$seconds" -gt "$after" ]; then
  problem "Date: $date, between $before and $after"
fi
printf 'HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n' "$date" |
  cmp -s - "$tmp/answer" || problem "the answer is: $(cat "$tmp/answer")"

# dated_later: succeeds when the date has advanced.
# shellcheck disable=SC2317 # until_true calls it
dated_later()
{
  answers -I "$(url /)" && ! has_line "Date: $date" "$tmp/answer"
}
until_true dated_later || problem "the date stands still at $date"

# The answer to HEAD has the fields of the answer to GET, but no body. After these fields, the answer to the next
# request begins.
client relay "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /no HTTP/1.1\r\nHost: a\r\n\r\n$close"
statuses '200 404 200'
[ "$(grep -c '^Hello' "$tmp/answer")" -eq 1 ] || problem "HEAD has a body: $(cat "$tmp/answer")"
[ "$(tr -d '\r' <"$tmp/answer" | grep -cx 'Content-Length: 13')" -eq 2 ] || problem "HEAD: $(cat "$tmp/answer")"

# In each answer, Content-Length is the length of the body.
for request in "GET /" "GET /no" "POST /"; do
  client relay "$request HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  length=$(tr -d '\r' <"$tmp/answer" | sed -n 's/^Content-Length: //p')
  [ "$(sed '1,/^\r*$/d' "$tmp/answer" | wc -c)" -eq "$length" ] || problem "$request: $(cat "$tmp/answer")"
done
has_line 'Allow: GET, HEAD' "$tmp/answer" || problem "405 without Allow: $(cat "$tmp/answer")"
has_line 'Connection: close' "$tmp/answer" || problem "does not say that it closes: $(cat "$tmp/answer")"

# --- Connections that the server keeps open or closes -------------------------------------------------------------

# connects WANT OPTION...: makes two requests in one run of curl, with all OPTIONs. WANT has two digits: the number of
# connections that curl must make for the first request, and for the second request.
connects()
{
  want=$1
  shift
  got=$(curl -sS --max-time 20 -w '%{num_connects}' -o "$tmp/answer" "$@" "$(url /)" -o "$tmp/answer" "$(url /)")
  [ "$got" = "$want" ] || problem "curl $*: connected '$got', not '$want'"
}
connects 10
connects 11 -H 'Connection: close'
connects 11 -0
connects 10 -0 -H 'Connection: keep-alive'
curl -v -sS "$(url /)" "$(url /no)" >"$tmp/out" 2>&1
grep -qi 're-\{0,1\}using existing .*connection' "$tmp/out" || problem "the connection is not used again: $(cat "$tmp/out")"

head -c 60000 /dev/zero >"$tmp/body"
connects 10 --data-binary "@$tmp/body"
connects 10 --data-binary "@$tmp/body" -H 'Transfer-Encoding: chunked'
connects 11 -H 'Transfer-Encoding: gzip' --data x
answers -v -H 'Expect: 100-continue' --data x "$(url /)"
has_line '< HTTP/1.1 100 Continue' "$tmp/err" || problem "curl waits for 100 Continue: $(cat "$tmp/err")"
answers -i -H 'Expect: miracles' --data x "$(url /)"
statuses 417

# --- Bytes that curl does not send --------------------------------------------------------------------------------

for mode in relay bytes half; do
  client $mode "${get}HEAD /no HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET$close"
  statuses '200 404 405 200'
  client $mode "${get}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$get"
  statuses '200 400'
  client $mode "${get}GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n$get"
  statuses '200 400'
done
client half "$get$get"
statuses '200 200'

# The client sends 5001 requests at once. The server's buffer is too small for all 5001 answers.
i=0
while [ $i -lt 5000 ]; do
  # shellcheck disable=SC2059 # a format
  printf "$get"
  i=$((i + 1))
done >"$tmp/many"
# shellcheck disable=SC2059 # a format
printf "$close" >"$tmp/close"
cat "$tmp/many" "$tmp/close" | "$tmp/client" "$port" relay >"$tmp/answer" || problem "5001 requests in one go"
[ "$(grep -c '^HTTP/1.1 200 OK' "$tmp/answer")" -eq 5001 ] || problem "5001 requests: $(wc -l <"$tmp/answer") lines"

# If the server refuses a request while the client still sends, the client gets the answer instead of a reset. Header
# and body arrive together, so that the server has unread bytes when the answer is ready.
head -c 3000000 /dev/zero | tr '\0' x >"$tmp/body"
{ printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n' && cat "$tmp/body"; } >"$tmp/large"
i=0
while [ $i -lt 20 ]; do
  "$tmp/client" "$port" relay <"$tmp/large" >"$tmp/answer" || problem "a body that is too large: reset"
  statuses 413
  i=$((i + 1))
done
{ printf 'GET / HTTP/1.1\r\nHost: a\r\nX: ' && cat "$tmp/body"; } >"$tmp/large"
"$tmp/client" "$port" relay <"$tmp/large" >"$tmp/answer" || problem "a header that is too long: reset"
statuses 431

# A read stops at the mark of out-of-band data. While the server is suspended, the bytes on both sides of the mark
# arrive. So no event comes after the mark, and the server must read on.
kill -STOP "$server"
"$tmp/client" "$port" urgent <"$tmp/close" >"$tmp/answer" &
client=$!
until_true has_line sent "$tmp/answer" || problem "the client cannot send out-of-band data"
kill -CONT "$server"
wait $client || problem "$name: no orderly end after out-of-band data"
client=
statuses 200
nothing_allocated
quiet

# --- Load ---------------------------------------------------------------------------------------------------------

# ask OPTION...: runs wrk with all OPTIONs, and checks that wrk reports no error.
ask()
{
  wrk -t1 -d1s "$@" "$(url /)" >"$tmp/out" 2>&1 || problem "wrk $*: $(cat "$tmp/out")"
  grep -q '^Requests/sec: *[1-9]' "$tmp/out" || problem "wrk $*: $(cat "$tmp/out")"
  ! grep -e 'Socket errors' -e 'Non-2xx' "$tmp/out" || problem "wrk $*: $(cat "$tmp/out")"
}
ask -c50
ask -c50 -H 'Connection: close'
nothing_allocated
quiet
kill -PIPE "$server" # as if standard error were a pipe without a reader
stop TERM

start $program --max-connections 3
ask -c20 -H 'Connection: close' # the other clients wait in the backlog
nothing_allocated
quiet
stop INT

start $program --workers 3
ask -c50
quiet
stop TERM

# --- Slow clients -------------------------------------------------------------------------------------------------

# A client that keeps sending requests stays connected. The server disconnects three clients after the timeout: one that
# sends nothing, one that sends too slowly, and one that reads no answers. While the server waits for such a client, the
# server also serves other clients.
start $program --timeout 2
ask -c5 -d3s
mkfifo "$tmp/words"
for mode in relay drip greedy; do
  case $mode in
    relay) "$tmp/client" "$port" relay <"$tmp/words" >"$tmp/answer" & ;;
    drip) "$tmp/client" "$port" drip <"$tmp/body" >"$tmp/answer" & ;;
    greedy) "$tmp/client" "$port" greedy <"$tmp/many" & ;;
  esac
  client=$!
  [ $mode != relay ] || exec 3>"$tmp/words"
  answers -i "$(url /)"
  statuses 200
  wait $client || problem "$name: does not end $mode"
  client=
  exec 3>&-
done
nothing_allocated
quiet
stop TERM

# --- Out of descriptors -------------------------------------------------------------------------------------------

cat >"$tmp/limited" <<'END_OF_SCRIPT'
#!/bin/sh
ulimit -n 20
exec "$@"
END_OF_SCRIPT
chmod +x "$tmp/limited"
start "$tmp/limited" $program
name=$program
"$tmp/client" "$port" hold <"$tmp/words" >"$tmp/held" &
client=$!
exec 3>"$tmp/words"
if until_true grep -q 'Too many open files' "$tmp/server.err" && until_true grep -q held "$tmp/held"; then
  idles "$server" "without descriptors"
else
  problem "$name: did not run out of descriptors with 20 of them"
fi
exec 3>&-
wait $client || problem "$name: refuses a client"
client=
answers -i "$(url /)"
statuses 200
nothing_allocated
stop TERM

# --- The end ------------------------------------------------------------------------------------------------------

trap '' PIPE # a client that ends too early must not end this script

# talk: starts a client. The client sends the bytes that the test writes to descriptor 3.
talk()
{
  rm -f "$tmp/answer"
  "$tmp/client" "$port" relay <"$tmp/words" >"$tmp/answer" &
  client=$!
  exec 3>"$tmp/words"
  # shellcheck disable=SC2059 # a format
  printf "$get" >&3
  until_true has_line 'Hello, world' "$tmp/answer" || problem "$name does not answer"
}

# shellcheck disable=SC2317 # until_true calls it
is_refused()
{
  ! curl -sS -o "$tmp/late" "$(url /)" 2>/dev/null
}

# If SIGTERM arrives between two requests, the server closes the connection at once.
start $program --timeout 60
talk
idles "$server" "with an idle client"
stop TERM
wait $client || problem "$name: no orderly end for an idle client"
client=
exec 3>&-

# If SIGTERM arrives in the middle of a request, the server finishes this request, and accepts no new client. The answer
# has "Connection: close".
start $program --timeout 60
talk
printf 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n' >&3
until_true has_line 'HTTP/1.1 100 Continue' "$tmp/answer" || problem "$name does not say 100 Continue"
kill -TERM "$server"
until_true is_refused || problem "$name: still accepts after SIGTERM"
idles "$server" "while it waits for the rest of a request"
# shellcheck disable=SC2059 # a format
printf "body$get" >&3
ends 0 "the last request"
wait $client || problem "$name: no orderly end after the last request"
client=
exec 3>&-
statuses '200 100 405'
has_line 'Connection: close' "$tmp/answer" || problem "does not say that it was the last answer: $(cat "$tmp/answer")"
quiet

# has_connection: succeeds when the server has accepted a connection.
# shellcheck disable=SC2317 # until_true calls it
has_connection()
{
  [ "$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)" -ge 2 ]
}

# If a client has connected before SIGTERM, but has sent nothing, the server still answers one request of the client.
start $program --timeout 60
"$tmp/client" "$port" relay <"$tmp/words" >"$tmp/answer" &
client=$!
exec 3>"$tmp/words"
until_true has_connection || problem "$name: does not accept"
kill -TERM "$server"
until_true is_refused || problem "$name: still accepts after SIGTERM"
# shellcheck disable=SC2059 # a format
printf "$get" >&3
ends 0 "the only request"
wait $client || problem "$name: no orderly end after the only request"
client=
exec 3>&-
statuses 200
quiet

# If a client has connected before SIGTERM and sends no request, the server waits for it only until the timeout.
start $program --timeout 2
"$tmp/client" "$port" hold <"$tmp/words" >"$tmp/held" &
client=$!
exec 3>"$tmp/words"
until_true grep -q held "$tmp/held" || problem "$name: refuses a client"
kill -TERM "$server"
ends 0 "its timeout"
exec 3>&-
wait $client
client=
quiet

finish
