#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the public headers and src/ compile here with a mio_handle of the size of a pointer, as on Windows, and
# that no conversion loses bits. If code stores a handle in an int, as if it were a descriptor, the test fails. The test
# does not check the folders of src/ that belong to particular systems.
. "$(dirname "$0")/common.sh"

[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }

# shellcheck disable=SC2086 # CC can hold flags
printf '#include <limits.h>\n#include <stdint.h>\n#if UINTPTR_MAX > UINT_MAX\nwider\n#endif\n' |
  $CC -E -P - 2>/dev/null | grep -q '^wider' || skip "a pointer of this machine is no wider than an int"

source=$(cd "$srcdir" && pwd) || exit 99
here=$(pwd)

# Copies the public headers. In the copy, mio_handle is an intptr_t, as on Windows.
cp -R "$source/include" "$tmp/include" || exit 99
chmod -R u+w "$tmp/include" # the source may be read-only
sed 's/^typedef int mio_handle;$/typedef intptr_t mio_handle;/' "$source/include/mio/base.h" >"$tmp/include/mio/base.h"
if cmp -s "$source/include/mio/base.h" "$tmp/include/mio/base.h"; then
  problem "<mio/base.h> has no line: typedef int mio_handle;"
  mend "let this test find the type of a handle"
  finish
fi

# Some folders of src/ are for one system, and use the system's own type of handle. So the test does not check such a
# folder, and passes it to the compiler with -isystem. The compiler then reports nothing inside the headers of the
# folder. If another file calls a function of these headers, the compiler still reports a lossy conversion of an
# argument.
mkdir "$tmp/src" "$tmp/systems"
for folder in "$source"/src/*/; do
  folder=${folder%/}
  case ${folder##*/} in
    abi | core | poll | port | source) ln -s "$folder" "$tmp/src/" ;;
    *) ln -s "$folder" "$tmp/systems/" ;;
  esac
done

# If a function returns a handle, its result must have the type mio_handle. The compiler does not compile unused
# templates. So the C++ code uses each template that has handles.
cat >"$tmp/public.c" <<'EOF'
#include <mio.h>
#define IS_HANDLE(expression) _Static_assert(_Generic((expression), mio_handle : 1, default : 0), #expression)
IS_HANDLE(mio_poll_handle(0));
IS_HANDLE(mio_registry_poll_handle(0));
IS_HANDLE(mio_source_handle(0));
IS_HANDLE(mio_source_into_handle(0));
IS_HANDLE(mio_tcp_stream_handle(0));
IS_HANDLE(mio_tcp_stream_into_handle(0));
IS_HANDLE(mio_signals_handle(0));
IS_HANDLE(mio_unix_stream_peer_pidfd(0));
_Static_assert(sizeof(mio_handle) == sizeof(void *), "the wide one");
EOF
cat >"$tmp/public.cc" <<'EOF'
#include <mio.hpp>
template class mio::Result<mio_handle>;
template class mio::detail::OwnedSource<mio_tcp_stream>;
template class mio::detail::OwnedSource<mio_pipe_receiver>;
template <class T>
constexpr bool is_handle = std::is_same_v<T, mio_handle> || std::is_same_v<T, mio::Result<mio_handle>>;
static_assert(is_handle<decltype(std::declval<mio::Poll &>().handle())>);
static_assert(is_handle<decltype(std::declval<mio::Registry &>().poll_handle())>);
static_assert(is_handle<decltype(std::declval<mio::TcpStream &>().handle())>);
static_assert(is_handle<decltype(std::declval<mio::TcpStream &>().into_handle())>);
static_assert(is_handle<decltype(std::declval<mio::UnixStream &>().peer_pidfd())>);
void use(mio::TcpStream &stream, mio::PipeSender &sender, mio_handle other)
{
    (void)stream.try_io([](mio_handle handle) -> std::int64_t { return handle == MIO_HANDLE_NONE ? -EBADF : 0; });
    (void)mio::send_file(stream, other, 1);
    (void)mio::splice(stream, other, 1);
    (void)mio::splice(other, sender, 1);
}
EOF

# compile FILE COMPILER FLAG...: checks the syntax of FILE, and prints the compiler's messages.
cat >"$tmp/compile" <<'EOF'
#!/bin/sh
file=$1
shift
"$@" -fsyntax-only -Wall -Wextra -Wconversion -Wsign-conversion -Werror "$file" 2>&1 || echo "FAILED: $file"
EOF
chmod +x "$tmp/compile"

# all COMPILER FLAG...: compiles the files that standard input names, as many at once as there are processors.
all()
{
  # shellcheck disable=SC2086 # lists of words
  xargs -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" -I '{}' \
    "$tmp/compile" '{}' "$@" -I"$tmp/src" -I"$tmp/include" -I"$here/include" \
    -I"$source/include/windows" -isystem "$tmp/systems" -isystem "$tmp/systems/unix"
}

find "$tmp"/src/*/ -name '*.cc' >"$tmp/sources"
[ "$(wc -l <"$tmp/sources")" -ge 40 ] || problem "found only $(wc -l <"$tmp/sources") sources"
# shellcheck disable=SC2086 # CC and CXX can hold flags
{
  all $CXX -std=c++20 -fno-exceptions -fno-rtti <"$tmp/sources"
  echo "$tmp/public.cc" | all $CXX -std=c++17
  echo "$tmp/public.cc" | all $CXX -std=c++20 -fno-exceptions
  echo "$tmp/public.c" | all $CC -std=c11
} >"$tmp/messages"
if [ -s "$tmp/messages" ]; then
  problem "with a mio_handle of the size of a pointer:"
  sed "s,$tmp/,," "$tmp/messages" | head -n 60
  mend "keep a handle in a mio_handle, store a new one through a parameter, and return errors apart from it"
fi

# Checks that the compiler warns if code converts a handle to an int.
printf '#include <mio.h>\nint descriptor(mio_handle handle);\nint descriptor(mio_handle handle) { return handle; }\n' \
  >"$tmp/narrow.c"
# shellcheck disable=SC2086 # CC can hold flags
echo "$tmp/narrow.c" | all $CC -std=c11 >"$tmp/messages"
grep -q '64-to-32\|=conversion' "$tmp/messages" ||
  problem "$CC accepts a handle as an int without a warning"

finish
