// SPDX-License-Identifier: MIT
#include "source/named_pipe.hpp"

#include "core/struct_size.hpp"
#include "poll/source_layout.hpp"

#include <errno.h>

namespace mio::impl {

template <>
inline constexpr size_t first_size<mio_named_pipe_options> = with_pointers_of(24, 20);

namespace {

constexpr uint32_t known_flags = MIO_NAMED_PIPE_FIRST | MIO_NAMED_PIPE_REMOTE;
constexpr uint32_t most_instances = 254;

// The storage of a source. `shared` is the part that all sources have, and `pipe` follows this part.
struct __attribute__((may_alias)) PipeLayout {
    uint64_t shared[3];
    NamedPipe *pipe;
};
static_assert(sizeof(SourceLayout) <= offsetof(PipeLayout, pipe) && sizeof(PipeLayout) <= sizeof(mio_source));

NamedPipe *pipe_of(mio_named_pipe *source)
{
    return reinterpret_cast<PipeLayout *>(source)->pipe;
}

int keep(mio_named_pipe *source, NamedPipe *pipe)
{
    set_open(&source->source, SourceKind::named_pipe, handle_of_pipe(pipe));
    reinterpret_cast<PipeLayout *>(source)->pipe = pipe;
    return 0;
}

int load_options(const mio_named_pipe_options *given, mio_named_pipe_options *options)
{
    constexpr mio_named_pipe_options defaults = MIO_NAMED_PIPE_OPTIONS_INIT;
    const int wrong = load_struct(given != nullptr ? given : &defaults, options);
    if (wrong != 0) return wrong;
    return (options->flags & ~known_flags) != 0 || options->instances > most_instances ? -EINVAL : 0;
}

// Passes the NamedPipe of a source to `call`, and returns the result. If the source is closed or has the wrong kind,
// returns an error.
template <typename Call>
auto with_pipe(mio_named_pipe *source, Call call) -> decltype(call(pipe_of(source)))
{
    const int wrong = check_kind(&source->source, SourceKind::named_pipe);
    return wrong != 0 ? wrong : call(pipe_of(source));
}

} // namespace

int make_server(mio_named_pipe *source, const char *name, const mio_named_pipe_options *options)
{
    mio_named_pipe_options known;
    NamedPipe *pipe;
    int failed = load_options(options, &known);
    if (failed == 0) failed = create_named_pipe(name, known, &pipe);
    return failed != 0 ? failed : keep(source, pipe);
}

int make_client(mio_named_pipe *source, const char *name)
{
    NamedPipe *pipe;
    const int failed = open_named_pipe(name, &pipe);
    return failed != 0 ? failed : keep(source, pipe);
}

int connect_pipe(mio_named_pipe *source)
{
    return with_pipe(source, connect_named_pipe);
}

int disconnect_pipe(mio_named_pipe *source)
{
    return with_pipe(source, disconnect_named_pipe);
}

int64_t read_pipe(mio_named_pipe *source, void *buffer, size_t length)
{
    return with_pipe(source, [=](NamedPipe *pipe) { return read_named_pipe(pipe, buffer, length); });
}

int64_t write_pipe(mio_named_pipe *source, const void *buffer, size_t length)
{
    return with_pipe(source, [=](NamedPipe *pipe) { return write_named_pipe(pipe, buffer, length); });
}

} // namespace mio::impl
