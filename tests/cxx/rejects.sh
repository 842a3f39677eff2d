#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that misuse of <mio.hpp> does not compile, and that the compiler's message gives the reason. "make check" runs
# this script in a build directory. To run the script by hand: cd build && ../tests/cxx/rejects.sh
set -u
export LC_ALL=C
top=${srcdir:-$(dirname "$0")/../..}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mio-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
failed=0

# compile FLAG...: reads code from standard input, puts an #include of <mio.hpp> before the code, and checks whether the
# result compiles.
compile()
{
  { printf '#include <mio.hpp>\n' && cat; } >"$tmp/code.cc"
  # shellcheck disable=SC2086 # CXX and CPPFLAGS can hold several words
  ${CXX:-c++} ${CPPFLAGS:-} "$@" -I"$top/include" -Iinclude -fsyntax-only "$tmp/code.cc" >"$tmp/messages" 2>&1
}

# accepts CODE: checks that CODE compiles.
accepts()
{
  echo "$1" | compile -std=c++17 -Wall -Wextra -Werror || {
    echo "FAILED: this should compile: $1"
    sed 's/^/    /' "$tmp/messages" | head -n 20
    failed=1
  }
}

# rejects WORDS CODE [FLAG...]: checks that the compiler refuses CODE. WORDS is a regular expression that the messages
# of the compiler must match.
rejects()
{
  words=$1 code=$2
  shift 2
  for std in 17 20; do
    if echo "$code" | compile -std=c++$std -Wall -Werror "$@"; then
      echo "FAILED: this compiles as C++$std and should not: $code"
      failed=1
    elif ! grep -q "$words" "$tmp/messages"; then
      echo "FAILED: C++$std does not say \"$words\" of: $code"
      sed 's/^/    /' "$tmp/messages" | head -n 20
      failed=1
    fi
  done
}

frame='mio::Result<void> add(const mio::Registry &registry, mio::TcpStream &stream)'
token='mio::Token{1}' interest='mio::Interest::readable'

accepts "$frame { return registry.register_source(stream, $token, $interest); }"

# The caller must check a result.
rejects 'nodiscard' "void f(mio::TcpStream &s) { s.set_nodelay(true); }"
rejects 'nodiscard' "void f(mio::TcpStream &s) { s.write(\"\", 0); }"

# A negative errno value does not convert to the value of a Result. A type that may contain a negative errno value does
# not convert either. tests/cxx/result.cc has all cases.
rejects 'deleted' "mio::Result<int> f() { return -22; }"
rejects 'deleted' "mio::Result<std::size_t> f(int code) { return {code}; }"
rejects 'deleted' "mio::Result<bool> f(mio_tcp_stream *s) { return mio_tcp_stream_read(s, nullptr, 0); }"
rejects 'deleted' "void f(mio::Result<std::int64_t> &result) { result = -22; }"
rejects 'error' "mio::Result<void> f() { return -22; }"
rejects 'deleted' "mio::Result<mio::Addr> f() { return -22; }"
rejects 'deleted' "mio::Result<std::optional<int>> f() { return {-22}; }"
rejects 'deleted' "mio::Result<int> f(int n) { return n / 2; }"
accepts "mio::Result<int> f(int n) { return mio::ok(n / 2); }"
accepts "mio::Result<std::size_t> f(std::size_t n) { if (n == 0) return std::errc::invalid_argument; return n; }"
accepts "mio::Result<bool> f(mio::Result<int> r) { if (!r) return r.errc(); return *r == 2; }"

# A temporary Result<bool> does not convert to bool, because `if (call())` would look like a test of the
# bool.
rejects 'deleted' "bool f(mio::TcpStream &s) { if (s.nodelay()) return true; return false; }"
accepts "bool f(mio::TcpStream &s) { const auto on = s.nodelay(); return on && *on; }"

# Code that would keep a reference into a temporary object does not compile. tests/cxx/lifetimes.cc has all cases.
rejects 'deleted' "mio::Registry f() { return mio::Poll::create().value().registry(); }"
rejects 'deleted' "mio::Registry f() { return mio::Poll::create()->registry(); }"
rejects 'deleted' "const char *f() { return mio::Addr().text().c_str(); }"
rejects 'error' "const char *f() { return mio::SafeText<>().append(\"x\").c_str(); }"
rejects 'error' "mio::UdpOutgoing f() { return mio::UdpOutgoing({mio::WritePiece(\"ab\", 2)}); }"
rejects 'error' "mio::UdpIncoming f(char *s) { return mio::UdpIncoming({{s, 2}, {s, 2}}); }"
rejects 'error' "mio::UnixOutgoing f() { return mio::UnixOutgoing{{{\"ab\", 2}}}; }"
accepts "mio::Registry f(const mio::Poll &p) { return p.registry(); }"

# An object must not get a second owner.
rejects 'error' "mio::TcpStream f(mio::TcpStream &a) { return mio::TcpStream(*a.raw()); }"
rejects 'error' "mio::Signals f(const mio_signals &raw) { return mio::Signals(raw); }"
accepts "mio::TcpStream f(mio_tcp_stream &raw) { return mio::TcpStream(std::move(raw)); }"

# A registered object must outlive its registration, and must be a source.
rejects 'lvalue' "$frame { return registry.register_source(std::move(stream), $token, $interest); }"
# boxed BOX: prints a function that registers the temporary object BOX.
boxed()
{
  printf '#include <functional>\n#include <memory>\n#include <optional>\n%s\n' \
    "$frame { (void)stream; return registry.register_source($1, $token, $interest); }"
}
accepts "$(boxed '&stream')"
accepts "$(boxed 'std::ref(stream)')"
rejects lvalue "$(boxed 'std::make_unique<mio::TcpStream>()')"
rejects lvalue "$(boxed 'std::optional(std::move(stream))')"
rejects 'not a source: see mio::is_source_v' "$(boxed 'static_cast<int *>(nullptr)')"
rejects 'not a source: see mio::is_source_v' "$frame { int x; return registry.register_source(x, $token, $interest); }"
rejects 'not a source: see mio::is_source_v' "$frame { int x; return registry.reregister_source(x, $token, $interest); }"
rejects 'not a source: see mio::is_source_v' "$frame { int x; return registry.deregister_source(x); }"

# A number is neither a token nor an interest, and a token is not an interest.
rejects 'error' "$frame { return registry.register_source(stream, 1, $interest); }"
rejects 'error' "$frame { return registry.register_source(stream, $token, MIO_READABLE); }"
rejects 'error' "$frame { return registry.register_source(stream, $interest, $token); }"
rejects 'narrow' "mio::Token f(int fd) { return mio::Token{fd}; }"

# Owning types are move-only. A timeout cannot be a plain number, and a deadline cannot be a time of another clock.
rejects 'error' "mio::TcpStream f(mio::TcpStream &s) { return mio::TcpStream(s); }"
rejects 'error' "mio::Result<std::size_t> f(mio::Poll &p, mio::Events &e) { return p.poll(e, 250); }"
rejects 'error' "mio::Result<std::size_t> f(mio::Poll &p, mio::Events &e)
  { return p.poll_until(e, std::chrono::system_clock::now()); }"
rejects 'error' "mio::Result<std::size_t> f(mio::Poll &p, mio::Events &e)
  { return p.poll(e, std::optional(std::chrono::steady_clock::now())); }"
rejects 'the operation of try_io' "mio::Result<std::int64_t> f(mio::TcpStream &s)
  { return s.try_io([](mio_handle) { return \"\"; }); }"

# With the extensions of GNU, a count of 128 bits is an integer. Its upper bits count too.
echo "#ifdef __SIZEOF_INT128__
using Wide = std::chrono::duration<__int128, std::nano>;
static_assert(mio::to_nanoseconds(Wide(__int128(1) << 64)) == INT64_MAX);
static_assert(mio::to_nanoseconds(Wide(5)) == 5 && mio::to_nanoseconds(Wide(-1)) == 0);
#endif" | compile -std=gnu++17 || {
  echo "FAILED: a duration with a count of 128 bits becomes the wrong number of nanoseconds:"
  sed 's/^/    /' "$tmp/messages" | head -n 20
  failed=1
}

# If a program is compiled as C++14, the first error of the compiler must say that mio needs C++17.
if : | compile -std=c++14; then
  echo "FAILED: <mio.hpp> compiles as C++14"
  failed=1
elif ! grep 'error' "$tmp/messages" | head -n 1 | grep -q 'need C++17'; then
  echo "FAILED: the first error in C++14 is not that C++17 is needed:"
  sed 's/^/    /' "$tmp/messages" | head -n 5
  failed=1
fi

[ $failed -ne 0 ] || echo "ok: $(basename "$0")"
exit $failed
