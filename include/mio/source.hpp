// SPDX-License-Identifier: MIT
// Types that can be registered, and the functions that all sockets and pipes share.
#ifndef MIO_SOURCE_HPP
#define MIO_SOURCE_HPP

#include <mio/addr.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/event.hpp>
#include <mio/interest.hpp>
#include <mio/result.hpp>
#include <mio/source.h>

#include <cstddef>
#include <iterator>
#include <system_error>
#include <type_traits>
#include <utility>

namespace mio {

class Registry;

namespace detail {

// True if the type S has a function `mio_source *source()`.
template <class S, class = void>
inline constexpr bool has_source_v = false;
template <class S>
inline constexpr bool has_source_v<S, std::void_t<decltype(std::declval<S &>().source())>> =
    std::is_convertible_v<decltype(std::declval<S &>().source()), mio_source *>;

// A composite source (see is_source_v) has three functions. The following types are the return types of the functions.
template <class S>
using registered_t = decltype(std::declval<S &>().register_with(std::declval<const Registry &>(), Token(), Interest()));
template <class S>
using reregistered_t =
    decltype(std::declval<S &>().reregister_with(std::declval<const Registry &>(), Token(), Interest()));
template <class S>
using deregistered_t = decltype(std::declval<S &>().deregister_from(std::declval<const Registry &>()));

template <class... Returned>
inline constexpr bool are_results_v = (std::is_convertible_v<Returned, Result<void>> && ...);

// True if the type S has all three functions of a composite source.
template <class S, class = void>
inline constexpr bool is_composite_v = false;
template <class S>
inline constexpr bool is_composite_v<S, std::void_t<registered_t<S>, reregistered_t<S>, deregistered_t<S>>> =
    are_results_v<registered_t<S>, reregistered_t<S>, deregistered_t<S>>;

template <class S>
inline constexpr bool is_plain_v = std::is_same_v<S, mio_source> || has_source_v<S> || is_composite_v<S>;

// Returns the object in a box (see is_source_v): the result of `*` on a pointer, or of `get()` on a
// std::reference_wrapper.
template <class S>
auto unbox(S &box, int) -> std::enable_if_t<std::is_lvalue_reference_v<decltype(*box)>, decltype(*box)>
{
    return *box;
}
template <class S>
auto unbox(S &box, long) -> std::enable_if_t<std::is_lvalue_reference_v<decltype(box.get())>, decltype(box.get())>
{
    return box.get();
}

template <class S, class = void>
inline constexpr bool is_box_v = false;
template <class S>
inline constexpr bool is_box_v<S, std::void_t<decltype(unbox(std::declval<S &>(), 0))>> =
    is_plain_v<std::remove_reference_t<decltype(unbox(std::declval<S &>(), 0))>>;

// Returns whether a box is empty. A box that does not convert to bool, such as a std::reference_wrapper, is never
// empty.
template <class S>
bool is_empty(const S &box) noexcept
{
    if constexpr (std::is_constructible_v<bool, const S &>)
        return !static_cast<bool>(box);
    else
        return false;
}

// is_borrowed_v is true if S is a box that does not own its object: a pointer, or a class like std::reference_wrapper,
// which converts to a reference and needs no destructor. A program can pass a temporary box of such a type.
template <class S, class = void>
inline constexpr bool is_borrowed_v = std::is_pointer_v<S>;
template <class S>
inline constexpr bool is_borrowed_v<S, std::enable_if_t<std::is_class_v<S> && is_box_v<const S>>> =
    std::is_trivially_copyable_v<S> &&std::is_convertible_v<const S &, decltype(unbox(std::declval<const S &>(), 0))>;
template <class S>
using IfBorrowed = std::enable_if_t<is_borrowed_v<S>, int>;

} // namespace detail

// True if Registry::register_source accepts an object of type S. The function accepts these types:
//  - a mio_source, and every type with a function `mio_source *source()`, such as the sockets of mio;
//  - a composite source: any type with the three functions below. Registry::register_source calls register_with, and
//    returns the result of register_with. The three functions register or deregister the parts of the source:
//        Result<void> register_with(const Registry &registry, Token token, Interest interest);
//        Result<void> reregister_with(const Registry &registry, Token token, Interest interest);
//        Result<void> deregister_from(const Registry &registry);
//  - a box that holds such an object: a pointer, a smart pointer, a std::optional, a std::reference_wrapper. If the
//    box is empty, register_source fails with EINVAL. A pointer and a std::reference_wrapper can be temporary. Any
//    other object must have a name, because a temporary object would end together with the call.
template <class S>
inline constexpr bool is_source_v = detail::is_plain_v<S> || detail::is_box_v<S>;

#if defined(__cpp_concepts) && __cpp_concepts >= 201907L
// The concept is true if is_source_v is true.
template <class S>
concept Source = is_source_v<S>;
#endif

// A piece of memory to fill. readv() and the functions that receive messages store bytes in the piece. See mio_iovec.
class ReadPiece {
public:
    ReadPiece() noexcept = default;
    ReadPiece(void *data, std::size_t size) noexcept : raw_{data, size} {}

    // This constructor takes any container of bytes, like mio::Bytes. Passing a temporary container does not compile,
    // unless the container is a view, such as a std::span.
    template <class Buffer, detail::IfFilled<Buffer> = 0>
    ReadPiece(Buffer &&bytes) noexcept : raw_{std::data(bytes), std::size(bytes)}
    {
    }

    void *data() const noexcept { return raw_.base; }
    std::size_t size() const noexcept { return raw_.length; }
    const mio_iovec *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_iovec *raw() const && = delete;

private:
    mio_iovec raw_{};
};

// A piece of memory to send. writev() and the functions that send messages do not change the bytes of the piece. See
// mio_iovec.
class WritePiece {
public:
    WritePiece() noexcept = default;
    WritePiece(const void *data, std::size_t size) noexcept : raw_{const_cast<void *>(data), size} {}

    // This constructor takes any container of bytes, like mio::ConstBytes. Passing a temporary container does not
    // compile, unless the container is a view, such as a std::span.
    template <class Buffer, detail::IfSentLater<Buffer> = 0>
    WritePiece(Buffer &&bytes) noexcept : WritePiece(std::data(bytes), detail::byte_count(bytes))
    {
    }

    const void *data() const noexcept { return raw_.base; }
    std::size_t size() const noexcept { return raw_.length; }
    const mio_iovec *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_iovec *raw() const && = delete;

private:
    mio_iovec raw_{};
};

// The C++ functions cast an array of ReadPiece or WritePiece to an array of mio_iovec. So all three types must have the
// same layout.
static_assert(sizeof(ReadPiece) == sizeof(mio_iovec) && std::is_standard_layout_v<ReadPiece>);
static_assert(sizeof(WritePiece) == sizeof(mio_iovec) && std::is_standard_layout_v<WritePiece>);

// The sides of a socket that a shutdown can end.
enum class Shutdown : int {
    read = MIO_SHUTDOWN_READ,
    write = MIO_SHUTDOWN_WRITE,
    both = MIO_SHUTDOWN_BOTH,
};

// Flags of a send on a stream: MIO_SEND_MORE, MIO_SEND_OOB. Combine the flags with `|`.
enum class SendFlags : std::uint32_t {
    none = 0,
    more = MIO_SEND_MORE,
    oob = MIO_SEND_OOB,
};
constexpr SendFlags operator|(SendFlags left, SendFlags right) noexcept
{
    return static_cast<SendFlags>(static_cast<std::uint32_t>(left) | static_cast<std::uint32_t>(right));
}

// The result of receiving a datagram. `size` is the number of bytes stored. If `truncated` is true, the end of the
// datagram is lost (MIO_MESSAGE_TRUNCATED).
struct Received {
    std::size_t size = 0;
    bool truncated = false;
};

// The result of receiving a datagram, with its sender.
struct ReceivedFrom {
    std::size_t size = 0;
    bool truncated = false;
    Addr from;
};

namespace detail {

// The initial C struct of a message. Each header specialises this variable for its own messages.
template <class Raw>
inline constexpr Raw empty_message{};
template <>
inline constexpr mio_queued_error empty_message<mio_queued_error> = MIO_QUEUED_ERROR_INIT;

// The base class of messages. A message points to the memory of the program, and copies no bytes. `Raw` is the C struct
// of the message. `Self` is the derived class, and has the size of a `Raw`.
template <class Self, class Raw, class Piece>
class Message {
public:
    Message() noexcept = default;
    Message(const Piece *pieces, std::size_t count) noexcept { refer_to(pieces, count); }
    template <class Pieces, detail::IfArrayOf<const Piece, Pieces> = 0>
    explicit Message(Pieces &pieces MIO_LIFETIMEBOUND) noexcept : Message(std::data(pieces), std::size(pieces))
    {
    }
    template <class Pieces, detail::IfArrayOf<const Piece, Pieces> = 0>
    explicit Message(const Pieces &&pieces) = delete;

    // Sets the memory of the message: a send reads the bytes from it, and a receive stores the bytes in it. On a named
    // object, a setter returns a reference to the object. On a temporary, a setter returns the object by value.
    Self &set_pieces(const Piece *pieces, std::size_t count) &noexcept MIO_LIFETIMEBOUND
    {
        refer_to(pieces, count);
        return self();
    }
    Self set_pieces(const Piece *pieces, std::size_t count) &&noexcept { return set_pieces(pieces, count); }

    // Returns the C struct.
    const Raw *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const Raw *raw() const && = delete;

protected:
    Self &self() noexcept MIO_LIFETIMEBOUND { return static_cast<Self &>(*this); }

    Raw raw_ = empty_message<Raw>;

private:
    void refer_to(const Piece *pieces, std::size_t count) noexcept
    {
        raw_.pieces = reinterpret_cast<const mio_iovec *>(pieces);
        raw_.piece_count = count;
    }
};

// The base class of messages that a program sends.
template <class Self, class Raw>
class Outgoing : public Message<Self, Raw, WritePiece> {
public:
    using Message<Self, Raw, WritePiece>::Message;

    // Sets the destination, for a socket without a peer. Passing a temporary Addr does not compile, because the Addr
    // would be destroyed before the send.
    Self &set_addr(const Addr &addr) &noexcept MIO_LIFETIMEBOUND
    {
        this->raw_.addr = const_cast<mio_addr *>(addr.raw());
        return this->self();
    }
    Self set_addr(const Addr &addr) &&noexcept { return set_addr(addr); }
    Self &set_addr(const Addr &&addr) = delete;
};

// The base class of messages that a program receives.
template <class Self, class Raw>
class Incoming : public Message<Self, Raw, ReadPiece> {
public:
    using Message<Self, Raw, ReadPiece>::Message;

    // Sets the memory for the address of the sender.
    Self &set_addr(Addr &addr) &noexcept MIO_LIFETIMEBOUND
    {
        this->raw_.addr = addr.raw();
        return this->self();
    }
    Self set_addr(Addr &addr) &&noexcept { return set_addr(addr); }

    // Returns whether the end of the message is lost (MIO_MESSAGE_TRUNCATED).
    bool is_truncated() const noexcept { return (this->raw_.flags & MIO_MESSAGE_TRUNCATED) != 0; }

    using Message<Self, Raw, ReadPiece>::raw;
    Raw *raw() &noexcept MIO_LIFETIMEBOUND { return &this->raw_; }
};

} // namespace detail

// The origin of a queued error: MIO_ORIGIN_NONE, MIO_ORIGIN_LOCAL, MIO_ORIGIN_ICMP, MIO_ORIGIN_ICMP6,
// MIO_ORIGIN_TIMESTAMP, MIO_ORIGIN_ZEROCOPY, MIO_ORIGIN_TRANSMIT_TIME.
enum class Origin : std::uint32_t {
    none = MIO_ORIGIN_NONE,
    local = MIO_ORIGIN_LOCAL,
    icmp = MIO_ORIGIN_ICMP,
    icmp6 = MIO_ORIGIN_ICMP6,
    timestamp = MIO_ORIGIN_TIMESTAMP,
    zerocopy = MIO_ORIGIN_ZEROCOPY,
    transmit_time = MIO_ORIGIN_TRANSMIT_TIME,
};

// The error of an earlier send. recv_error() of a socket stores the error, and the functions below return its parts.
// The object points to the program's memory for the data and the addresses. This memory must stay valid until
// recv_error() has returned. See mio_queued_error.
class QueuedError : public detail::Message<QueuedError, mio_queued_error, ReadPiece> {
public:
    using Message::Message;

    // These functions set the memory for two addresses: the address of the host that reported the error, and the
    // address that the data was sent to.
    QueuedError &set_offender(Addr &addr) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.offender = addr.raw();
        return *this;
    }
    QueuedError &set_destination(Addr &addr) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.destination = addr.raw();
        return *this;
    }
    QueuedError set_offender(Addr &addr) &&noexcept { return set_offender(addr); }
    QueuedError set_destination(Addr &addr) &&noexcept { return set_destination(addr); }

    // These functions return the members of mio_queued_error. If the entry is a notification and not an error, the
    // value of error() is 0. The function size() returns the number of bytes that recv_error() stored.
    std::error_code error() const noexcept { return {-raw_.error, std::generic_category()}; }
    std::size_t size() const noexcept { return raw_.length; }
    bool is_truncated() const noexcept { return (raw_.flags & MIO_MESSAGE_TRUNCATED) != 0; }
    Origin origin() const noexcept { return static_cast<Origin>(raw_.origin); }
    std::uint32_t type() const noexcept { return raw_.type; }
    std::uint32_t code() const noexcept { return raw_.code; }
    std::uint32_t info() const noexcept { return raw_.info; }
    std::uint32_t data() const noexcept { return raw_.data; }

    using Message::raw;
    mio_queued_error *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
};

namespace detail {

// Makes a Result after a C function has fetched the pending error. The arguments are the return value of the function
// and the stored error.
inline Result<std::error_code> pending(int returned, int stored) noexcept
{
    if (returned < 0) return error(returned);
    return std::error_code(-stored, std::generic_category());
}

// Makes a Result after a C function has received a message. Sets `size` and `truncated` of `message`. `returned` is the
// value that the C function has returned, and `flags` has the flags that the C function has stored.
template <class Message>
Result<Message> received(Message &message, std::int64_t returned, std::uint32_t flags) noexcept
{
    if (returned < 0) return error(returned);
    message.size = static_cast<std::size_t>(returned);
    message.truncated = (flags & MIO_MESSAGE_TRUNCATED) != 0;
    return message;
}

// The base class of all sockets and pipes. `Raw` is the C struct of the source. An object contains only its `Raw`. A
// move copies the `Raw` to the new object. See mio_source.
template <class Raw>
class OwnedSource {
public:
    // A default-constructed source is closed. `TcpStream stream(std::move(raw));` takes over the socket in a C struct.
    // Afterwards `raw` is closed.
    OwnedSource() noexcept = default;
    explicit OwnedSource(Raw &&raw) noexcept : raw_(std::exchange(raw, Raw{})) {}

    // A move transfers the source and its registration to this object, and leaves the other object closed. An
    // assignment also closes the source that this object had before.
    OwnedSource(OwnedSource &&other) noexcept : raw_(other.release()) {}
    OwnedSource &operator=(OwnedSource &&other) noexcept
    {
        const Raw raw = other.release();
        close();
        raw_ = raw;
        return *this;
    }
    ~OwnedSource() { close(); }

    // Closes the source, as the destructor does. See mio_tcp_stream_close and similar functions. Closing a closed
    // source does nothing.
    void close() noexcept
    {
        if (!is_zero(raw_.source.opaque)) mio_source_close(source());
    }

    // handle() returns the descriptor. The function into_handle() gives the descriptor to the caller. For a closed
    // source both functions return MIO_HANDLE_NONE. See mio_tcp_stream_handle, mio_tcp_stream_into_handle and similar
    // functions.
    mio_handle handle() const &noexcept { return or_none(mio_source_handle(source())); }
    mio_handle handle() const && = delete;
    mio_handle into_handle() noexcept { return or_none(mio_source_into_handle(source())); }
    bool is_open() const noexcept { return handle() != MIO_HANDLE_NONE; }

    // raw() returns the C struct, which this object still owns. The function release() gives the C struct to the
    // caller, and the caller closes the source.
    Raw *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const Raw *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const Raw *raw() const && = delete;
    Raw release() noexcept { return std::exchange(raw_, Raw{}); }

    // Returns the source in the C struct, for mio_registry_register.
    mio_source *source() &noexcept MIO_LIFETIMEBOUND { return &raw_.source; }
    const mio_source *source() const &noexcept MIO_LIFETIMEBOUND { return &raw_.source; }
    const mio_source *source() const && = delete;

    // Runs `operation(handle)`. The operation returns a count or a negative errno value, and must not throw. See
    // mio_source_try_io.
    template <class Operation>
    Result<std::int64_t> try_io(Operation &&operation)
    {
        using Function = std::remove_reference_t<Operation>;
        static_assert(std::is_invocable_r_v<std::int64_t, Function &, mio_handle>,
                      "the operation of try_io takes a mio_handle and returns a count or a negative errno value");
        struct Context {
            Function &operation;
        };
        const auto trampoline = [](mio_handle handle, void *context) -> std::int64_t {
            return static_cast<Context *>(context)->operation(handle);
        };
        Context context{operation};
        return count<std::int64_t>(mio_source_try_io(source(), trampoline, &context));
    }

private:
    // Returns the handle that a C function has returned, or MIO_HANDLE_NONE if it has returned a negative errno value.
    static mio_handle or_none(mio_handle handle) noexcept { return handle < 0 ? MIO_HANDLE_NONE : handle; }

    Raw raw_{};
};

} // namespace detail

// Sends bytes of a file. Without `offset`, reads from the position of the file and advances the position. With
// `offset`, reads from `offset` and advances `offset`. See mio_source_send_file.
template <class To>
auto send_file(To &to, mio_handle file, std::size_t count) noexcept
    -> std::enable_if_t<detail::has_source_v<To>, Result<std::size_t>>
{
    return detail::count<std::size_t>(mio_source_send_file(to.source(), file, nullptr, count));
}
template <class To>
auto send_file(To &to, mio_handle file, std::int64_t &offset, std::size_t count) noexcept
    -> std::enable_if_t<detail::has_source_v<To>, Result<std::size_t>>
{
    return detail::count<std::size_t>(mio_source_send_file(to.source(), file, &offset, count));
}

namespace detail {

// Runs `call`, which moves bytes. If the call would block, stores in *blocked whether the caller must wait for data or
// for space.
template <class Call>
Result<std::size_t> splice(Interest *blocked, Call call) noexcept
{
    std::uint32_t sides = 0;
    const Result<std::size_t> result = count<std::size_t>(call(blocked != nullptr ? &sides : nullptr));
    if (blocked != nullptr && result.would_block()) *blocked = Interest::from_bits(sides);
    return result;
}

} // namespace detail

// Moves bytes between two sources, or between a source and a descriptor. If the call would block, the function stores
// in `blocked` whether the caller must wait for data to read, for space to write, or for both. See mio_source_splice,
// mio_source_splice_to_handle, mio_source_splice_from_handle.
template <class From, class To>
auto splice(From &from, To &to, std::size_t count, Interest *blocked = nullptr) noexcept
    -> std::enable_if_t<detail::has_source_v<From> && detail::has_source_v<To>, Result<std::size_t>>
{
    return detail::splice(blocked, [&](std::uint32_t *sides) noexcept {
        return mio_source_splice(from.source(), to.source(), count, sides);
    });
}
template <class From>
auto splice(From &from, mio_handle to, std::size_t count, Interest *blocked = nullptr) noexcept
    -> std::enable_if_t<detail::has_source_v<From>, Result<std::size_t>>
{
    return detail::splice(blocked, [&](std::uint32_t *sides) noexcept {
        return mio_source_splice_to_handle(from.source(), to, count, sides);
    });
}
template <class To>
auto splice(mio_handle from, To &to, std::size_t count, Interest *blocked = nullptr) noexcept
    -> std::enable_if_t<detail::has_source_v<To>, Result<std::size_t>>
{
    return detail::splice(blocked, [&](std::uint32_t *sides) noexcept {
        return mio_source_splice_from_handle(from, to.source(), count, sides);
    });
}

} // namespace mio

#endif // MIO_SOURCE_HPP
