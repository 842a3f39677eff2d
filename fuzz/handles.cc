// SPDX-License-Identifier: MIT
// Tests how programs pass descriptors over Unix sockets. The input is a sequence of sends and receives over a pair of
// sockets. The pair carries bytes, records or datagrams. A model predicts the bytes, the descriptors and the flags of
// each call. After each call, the target counts the open descriptors of the process.
#include "handles.hpp"

#include <errno.h>
#include <netinet/in.h>

using fuzz::FewDescriptors;
using fuzz::Link;
using fuzz::Message;
using fuzz::OpenFiles;
using fuzz::Pipes;
using fuzz::Queue;

namespace {

constexpr size_t most_handles = MIO_UNIX_HANDLES_MAX;
constexpr mio_handle not_open = -1;
constexpr mio_handle filler = -7;

// ---- steps --------------------------------------------------------------------------------------------------------

// An array for received descriptors. The array has space for more descriptors than one message can carry.
struct Handles {
    static constexpr size_t size = UINT8_MAX + 1;

    Handles() { std::fill(at, at + size, filler); }

    bool are_untouched(size_t begin = 0) const
    {
        return std::all_of(at + begin, at + size, [](mio_handle each) { return each == filler; });
    }

    mio_handle at[size];
};

class Run {
public:
    explicit Run(fuzz::Input *input) : input_(input), link_(input->byte()), open_(OpenFiles().count()) {}
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;
    ~Run() { close_held(); }

    void step()
    {
        if (held_.size() > most_handles) close_held();
        const auto what = steps[input_->byte() % (sizeof steps / sizeof *steps)];
        (this->*what)();
        REQUIRE(OpenFiles().count() == open_ + held_.size());
    }

private:
    static void (Run::*const steps[8])();

    static constexpr size_t no_limit = SIZE_MAX;

    // Computes a count of descriptors from a byte of the input. Most counts are small, because most faults concern the
    // padding after the descriptors in a small control message.
    size_t take_count()
    {
        const size_t byte = input_->byte();
        return byte < 192 ? byte % 6 : byte;
    }

    // Reads a byte of the input, and makes the length of a buffer from it. On a connection, the length is at least 1,
    // because a call with a buffer of 0 bytes may lose a record, or fail.
    size_t take_length()
    {
        const size_t length = input_->byte();
        return link_.is_datagram() ? length : std::max<size_t>(length, 1);
    }

    // Calls `function` while the process can open only `free` further descriptors.
    template <typename Function>
    int64_t with_few_descriptors(size_t free, Function function)
    {
        if (free == no_limit) return function();
        const FewDescriptors few(free);
        return function();
    }

    void close_held()
    {
        for (const mio_handle each : held_)
            REQUIRE(close(each) == 0);
        held_.clear();
    }

    // ---- sending ----

    Message take_outgoing()
    {
        Message message;
        message.bytes.resize(input_->byte());
        for (char &each : message.bytes)
            each = next_byte_++;
        return message;
    }

    // Adds `count` descriptors to *message, and returns them. If `is_spoilt` is true, the last descriptor is not open.
    std::vector<mio_handle> take_handles(size_t count, bool is_spoilt, Message *message)
    {
        const size_t first = input_->byte();
        std::vector<mio_handle> handles;
        for (size_t i = 0; i < count; i++) {
            const size_t pipe = (first + i * (1 + first / Pipes::size)) % Pipes::size;
            handles.push_back(pipes_.writing(pipe));
            message->handles.push_back(pipe);
        }
        if (is_spoilt && count > 0) handles.back() = not_open;
        return handles;
    }

    // Returns the error with which a send of this message must fail, or 0 if the message is valid.
    int refusal(const Message &message, bool is_spoilt) const
    {
        if (message.handles.size() > most_handles) return -EINVAL;
        if (!link_.is_datagram() && !message.handles.empty() && message.bytes.empty()) return -EINVAL;
        return is_spoilt && !message.handles.empty() ? -EBADF : 0;
    }

    // Checks the result of a send. `refused` is the error that an invalid message must cause, or 0. A failed call sends
    // nothing. On a stream of bytes, sending an empty message succeeds, but neither the message nor its descriptors
    // arrive.
    void check_sent(int64_t result, const Message &message, int refused)
    {
        // The system limits the descriptors in flight, for all processes of a user together.
        const bool is_crowded = result == -EMFILE && !message.handles.empty();
        const bool is_full = result == -EAGAIN && !queue_.is_empty();
        if (refused == 0 && (is_crowded || is_full)) return;
        REQUIRE(result == (refused != 0 ? refused : static_cast<int64_t>(message.bytes.size())));
        if (refused == 0 && !(link_.is_stream() && message.bytes.empty())) queue_.push(message);
    }

    void send_with_handles()
    {
        const size_t count = take_count();
        const bool is_spoilt = input_->byte() % 16 == 1;
        Message message = take_outgoing();
        const auto handles = take_handles(count, is_spoilt, &message);
        const std::string &bytes = message.bytes;
        const int64_t result = link_.is_datagram()
                                   ? mio_unix_datagram_send_with_handles(link_.sending_datagram(), bytes.data(),
                                                                         bytes.size(), handles.data(), count)
                                   : mio_unix_stream_send_with_handles(link_.sending_stream(), bytes.data(),
                                                                       bytes.size(), handles.data(), count);
        check_sent(result, message, refusal(message, is_spoilt));
    }

    static mio_unix_credentials own_credentials()
    {
        return {sizeof(mio_unix_credentials), getpid(), getuid(), getgid()};
    }

    void send_message()
    {
        const size_t count = take_count();
        const uint8_t choice = input_->byte();
        const bool is_spoilt = choice % 16 == 1;
        Message message = take_outgoing();
        auto handles = take_handles(count, is_spoilt, &message);
        const size_t half = message.bytes.size() / 2;
        const mio_iovec pieces[] = {{message.bytes.data(), half},
                                    {message.bytes.data() + half, message.bytes.size() - half}};
        mio_unix_credentials own = own_credentials();
        mio_unix_message native = MIO_UNIX_MESSAGE_INIT;
        native.pieces = pieces;
        native.piece_count = 2;
        native.handles = handles.data();
        native.handle_count = count;
        native.credentials = (choice & 0x20) != 0 ? &own : nullptr;
        const int64_t result = link_.is_datagram() ? mio_unix_datagram_send_message(link_.sending_datagram(), &native)
                                                   : mio_unix_stream_send_message(link_.sending_stream(), &native);
        check_sent(result, message, refusal(message, is_spoilt));
    }

    // Appends a control message. Its header claims `excess` bytes more than the message has.
    static void append(std::string *control, int level, int type, const std::string &content, size_t excess = 0)
    {
        cmsghdr header = {};
        header.cmsg_level = level;
        header.cmsg_type = type;
        header.cmsg_len = static_cast<decltype(header.cmsg_len)>(CMSG_LEN(content.size() + excess));
        const size_t end = control->size() + CMSG_SPACE(content.size());
        control->append(reinterpret_cast<const char *>(&header), sizeof header);
        control->append(CMSG_LEN(0) - sizeof header, '\0');
        *control += content;
        control->resize(end);
    }

    // Appends a control message that a program without mio could send. Returns whether the kernel accepts the message.
    bool append_any(std::string *control, Message *message)
    {
        const mio_unix_credentials own = own_credentials();
        const ucred native = {own.pid, own.uid, own.gid};
        const uint8_t kind = input_->byte() % 8;
        if (kind == 0) {
            append(control, SOL_SOCKET, 99, "unknown");
        } else if (kind == 1) {
            append(control, IPPROTO_IPV6, 99, "ignored");
        } else if (kind == 2) {
            append(control, SOL_SOCKET, SCM_CREDENTIALS, {reinterpret_cast<const char *>(&native), sizeof native});
        } else {
            const size_t count = take_count();
            const bool is_spoilt = kind == 3 && count > 0;
            const auto handles = take_handles(count, is_spoilt, message);
            std::string content(reinterpret_cast<const char *>(handles.data()), count * sizeof(mio_handle));
            if (kind == 4) content += "xx"; // the kernel ignores an incomplete descriptor
            append(control, SOL_SOCKET, SCM_RIGHTS, content, kind == 5 ? 64 : 0);
            return !is_spoilt && kind != 5;
        }
        return kind != 0;
    }

    // Sends with sendmsg(2) instead of mio. So one call can send several control messages, and a message can be one
    // that mio would not send.
    void send_by_hand()
    {
        Message message = take_outgoing();
        const uint8_t messages = input_->byte() % 4;
        std::string control;
        bool is_valid = true;
        for (uint8_t i = 0; i < messages && is_valid; i++)
            is_valid = append_any(&control, &message);
        iovec piece = {message.bytes.data(), message.bytes.size()};
        msghdr native = {};
        native.msg_iov = &piece;
        native.msg_iovlen = 1;
        native.msg_control = control.empty() ? nullptr : control.data();
        native.msg_controllen = static_cast<decltype(native.msg_controllen)>(control.size());
        const mio_source *sender =
            link_.is_datagram() ? &link_.sending_datagram()->source : &link_.sending_stream()->source;
        const ssize_t result = sendmsg(mio_source_handle(sender), &native, MSG_NOSIGNAL | MSG_DONTWAIT);
        is_valid = is_valid && message.handles.size() <= most_handles;
        if (is_valid)
            check_sent(result < 0 ? -errno : result, message, 0);
        else
            REQUIRE(result < 0);
    }

    // ---- receiving ----

    // Returns the message that the next receive must store in a buffer of `length` bytes.
    Message predict(size_t length) const { return link_.is_stream() ? queue_.bytes(length) : queue_.packet(length); }

    Message take(size_t length)
    {
        Message message = predict(length);
        if (link_.is_stream())
            queue_.drop_bytes(message.bytes.size());
        else
            queue_.drop_packet();
        return message;
    }

    // Returns the flags of a receive that stores `stored` descriptors.
    static uint32_t flags_of(const Message &message, size_t stored)
    {
        return (message.is_truncated ? MIO_MESSAGE_TRUNCATED : 0) |
               (stored < message.handles.size() ? MIO_MESSAGE_HANDLES_TRUNCATED : 0);
    }

    static void check_bytes(fuzz::Guarded *buffer, const Message &message)
    {
        const std::string &bytes = message.bytes;
        REQUIRE(memcmp(buffer->data(), bytes.data(), bytes.size()) == 0 && buffer->is_untouched(bytes.size()));
    }

    // Checks the received descriptors, and keeps them.
    void keep(const Handles &handles, size_t count, const Message &message)
    {
        for (size_t i = 0; i < count; i++) {
            pipes_.check_copy(handles.at[i], message.handles[i]);
            held_.push_back(handles.at[i]);
        }
        REQUIRE(handles.are_untouched(count));
    }

    size_t take_free()
    {
        const uint8_t byte = input_->byte();
        return byte % 4 == 1 && FewDescriptors::are_possible() ? byte / 4 % 8 : no_limit;
    }

    void recv_with_handles()
    {
        const size_t capacity = take_count();
        const size_t free = take_free();
        const bool wants_flags = input_->byte() % 2 == 0;
        const size_t length = input_->byte();
        const bool is_refused = !link_.is_datagram() && capacity > 0 && length == 0;
        fuzz::Guarded buffer(link_.is_datagram() || is_refused ? length : std::max<size_t>(length, 1));
        Handles handles;
        fuzz::Output<size_t> count;
        fuzz::Output<uint32_t> flags;
        const int64_t result = with_few_descriptors(free, [&] {
            uint32_t *given = wants_flags ? flags.get() : nullptr;
            return link_.is_datagram()
                       ? mio_unix_datagram_recv_with_handles(link_.receiving_datagram(), buffer.data(), buffer.size(),
                                                             handles.at, capacity, count.get(), given)
                       : mio_unix_stream_recv_with_handles(link_.receiving_stream(), buffer.data(), buffer.size(),
                                                           handles.at, capacity, count.get(), given);
        });
        if (is_refused || queue_.is_empty()) {
            REQUIRE(result == (is_refused ? -EINVAL : -EAGAIN) && count.is_untouched() && flags.is_untouched());
            REQUIRE(buffer.is_untouched() && handles.are_untouched());
            return;
        }
        const Message message = take(buffer.size());
        const size_t stored = std::min({message.handles.size(), capacity, free});
        check_bytes(&buffer, message);
        if (!wants_flags && flags_of(message, stored) != 0) {
            REQUIRE(result == -EMSGSIZE && count.is_untouched()); // mio has closed the received descriptors
            return;
        }
        REQUIRE(result == static_cast<int64_t>(message.bytes.size()) && *count == stored);
        REQUIRE(wants_flags ? *flags == flags_of(message, stored) : flags.is_untouched());
        keep(handles, stored, message);
    }

    // Checks the credentials in a received message. If MIO_OPTION_PASS_CREDENTIALS is not set, no credentials arrive.
    void check_credentials(const mio_unix_message &native)
    {
        const mio_unix_credentials own = own_credentials();
        const mio_unix_credentials *found = native.credentials;
        const bool wanted = found != nullptr && link_.has_credentials();
        REQUIRE(((native.flags & MIO_MESSAGE_CREDENTIALS) != 0) == wanted);
        if (wanted) REQUIRE(found->pid == own.pid && found->uid == own.uid && found->gid == own.gid);
        if (found != nullptr && !wanted) REQUIRE(found->pid == -1 && found->uid == 0 && found->gid == 0);
    }

    void recv_message()
    {
        const size_t free = take_free();
        const uint8_t choice = input_->byte();
        Handles handles;
        mio_unix_message native = MIO_UNIX_MESSAGE_INIT;
        native.handle_capacity = take_count();
        fuzz::Guarded buffer(take_length());
        const size_t half = buffer.size() / 2;
        const mio_iovec pieces[] = {{buffer.data(), half}, {buffer.data() + half, buffer.size() - half}};
        mio_unix_credentials credentials = {sizeof credentials, -1, 0, 0};
        mio_addr sender;
        native.flags = UINT32_MAX;
        native.pieces = pieces;
        native.piece_count = 2;
        native.handles = handles.at;
        native.credentials = (choice & 1) != 0 ? &credentials : nullptr;
        native.addr = (choice & 2) != 0 && link_.is_datagram() ? &sender : nullptr;
        const mio_unix_message before = native;
        const int64_t result = with_few_descriptors(free, [&] {
            return link_.is_datagram() ? mio_unix_datagram_recv_message(link_.receiving_datagram(), &native)
                                       : mio_unix_stream_recv_message(link_.receiving_stream(), &native);
        });
        if (queue_.is_empty()) {
            REQUIRE(result == -EAGAIN && memcmp(&native, &before, sizeof native) == 0 && buffer.is_untouched());
            return;
        }
        const Message message = take(buffer.size());
        const size_t stored = std::min({message.handles.size(), native.handle_capacity, free});
        check_bytes(&buffer, message);
        check_credentials(native);
        REQUIRE(result == static_cast<int64_t>(message.bytes.size()) && native.handle_count == stored);
        REQUIRE((native.flags & ~MIO_MESSAGE_CREDENTIALS) == flags_of(message, stored));
        if (native.addr != nullptr) REQUIRE(mio_addr_is_unnamed(&sender) == 1);
        keep(handles, stored, message);
    }

    // Receives or peeks a datagram with a function that cannot return descriptors to the caller.
    int64_t call_datagram(uint8_t choice, bool is_peek, fuzz::Guarded *buffer, uint32_t *flags)
    {
        mio_unix_datagram *socket = link_.receiving_datagram();
        mio_addr sender;
        if ((choice & 2) != 0)
            return (is_peek ? mio_unix_datagram_peek : mio_unix_datagram_recv)(socket, buffer->data(), buffer->size(),
                                                                               flags);
        return (is_peek ? mio_unix_datagram_peek_from : mio_unix_datagram_recv_from)(socket, buffer->data(),
                                                                                     buffer->size(), &sender, flags);
    }

    // Checks the result of a receive or a peek that cannot return descriptors. The call must report the flags in
    // `wanted`. `flags` is null if the caller did not ask for flags. If `flags` is null and `wanted` is not 0, the call
    // must fail.
    void check_without_handles(int64_t result, fuzz::Guarded *buffer, const Message &message, uint32_t wanted,
                               const fuzz::Output<uint32_t> *flags)
    {
        check_bytes(buffer, message);
        if (flags == nullptr && wanted != 0) {
            REQUIRE(result == -EMSGSIZE);
            return;
        }
        REQUIRE(result == static_cast<int64_t>(message.bytes.size()));
        if (flags != nullptr) REQUIRE(**flags == wanted);
    }

    void receive_datagram(bool is_peek)
    {
        const uint8_t choice = input_->byte();
        fuzz::Guarded buffer(take_length());
        fuzz::Output<uint32_t> flags;
        const bool wants_flags = choice % 2 == 0;
        const int64_t result = call_datagram(choice, is_peek, &buffer, wants_flags ? flags.get() : nullptr);
        if (queue_.is_empty()) {
            REQUIRE(result == -EAGAIN && buffer.is_untouched() && flags.is_untouched());
            return;
        }
        const Message message = is_peek ? predict(buffer.size()) : take(buffer.size());
        check_without_handles(result, &buffer, message, message.is_truncated ? MIO_MESSAGE_TRUNCATED : 0,
                              wants_flags ? &flags : nullptr);
    }

    void receive_from_stream(bool is_peek)
    {
        const auto choice = static_cast<uint8_t>(is_peek ? 0 : 1 + input_->byte() % 4);
        fuzz::Guarded buffer(take_length());
        fuzz::Output<uint32_t> flags;
        mio_unix_stream *stream = link_.receiving_stream();
        const mio_iovec piece = {buffer.data(), buffer.size()};
        const int64_t result = choice == 0   ? mio_unix_stream_peek(stream, buffer.data(), buffer.size())
                               : choice == 1 ? mio_unix_stream_read(stream, buffer.data(), buffer.size())
                               : choice == 2 ? mio_unix_stream_readv(stream, &piece, 1)
                               : choice == 3 ? mio_unix_stream_recv(stream, buffer.data(), buffer.size(), flags.get())
                                             : mio_unix_stream_recv(stream, buffer.data(), buffer.size(), nullptr);
        if (queue_.is_empty()) {
            REQUIRE(result == -EAGAIN && buffer.is_untouched() && flags.is_untouched());
            return;
        }
        const Message message = is_peek ? predict(buffer.size()) : take(buffer.size());
        check_without_handles(result, &buffer, message, choice < 3 ? 0 : flags_of(message, 0),
                              choice == 3 ? &flags : nullptr);
    }

    void receive_without_handles() { link_.is_datagram() ? receive_datagram(false) : receive_from_stream(false); }

    void peek() { link_.is_datagram() ? receive_datagram(true) : receive_from_stream(true); }

    fuzz::Input *input_;
    Pipes pipes_;
    Link link_;
    Queue queue_;
    size_t open_;                  // the number of open descriptors, not counting the received descriptors
    std::vector<mio_handle> held_; // the received descriptors
    char next_byte_ = 0;
};

void (Run::*const Run::steps[8])() = {
    &Run::send_with_handles,       &Run::send_message, &Run::send_by_hand, &Run::recv_with_handles, &Run::recv_message,
    &Run::receive_without_handles, &Run::peek,         &Run::close_held,
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    const size_t open = OpenFiles().count();
    {
        Run run(&input);
        while (input.left() > 0)
            run.step();
    }
    REQUIRE(OpenFiles().count() == open);
    return 0;
}
