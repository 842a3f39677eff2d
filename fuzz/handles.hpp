// SPDX-License-Identifier: MIT
// Helpers of the fuzz target "handles": the open descriptors of the process, a pair of sockets, and a model of the
// messages that wait in a socket. The helpers neither send nor receive messages.
#ifndef MIO_FUZZ_HANDLES_HPP
#define MIO_FUZZ_HANDLES_HPP

#include "fuzz.hpp"

#include <fcntl.h>
#include <mio/option.h>
#include <mio/unix.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

// Many systems have headers that are too old to define SO_PASSPIDFD.
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

namespace fuzz {

// ---- the descriptors of the process -------------------------------------------------------------------------------

// Records which of the descriptors below `size` are open. The target opens no descriptor above this range.
class OpenFiles {
public:
    OpenFiles()
    {
        for (size_t i = 0; i < size; i++)
            files_[i] = {static_cast<int>(i), 0, 0};
        REQUIRE(poll(files_, size, 0) >= 0);
    }

    size_t count() const
    {
        return static_cast<size_t>(
            std::count_if(files_, files_ + size, [](const pollfd &each) { return !is_free(each); }));
    }

    // Returns an unused descriptor number that has exactly `free` unused numbers below it. With the returned number as
    // the limit on descriptors (RLIMIT_NOFILE), the process can open `free` further descriptors.
    size_t limit_for(size_t free) const
    {
        size_t limit = 0;
        for (size_t found = 0; found < free || !is_free(files_[limit]); limit++) {
            if (is_free(files_[limit])) found++;
        }
        return limit;
    }

private:
    static constexpr size_t size = 800;

    static bool is_free(const pollfd &file) { return (file.revents & POLLNVAL) != 0; }

    pollfd files_[size];
};

// While a FewDescriptors object exists, the process can open only `free` further descriptors. Valgrind does not apply
// this limit to received descriptors.
class FewDescriptors {
public:
    explicit FewDescriptors(size_t free)
    {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &usual_) == 0);
        set({OpenFiles().limit_for(free), usual_.rlim_max});
    }
    FewDescriptors(const FewDescriptors &) = delete;
    FewDescriptors &operator=(const FewDescriptors &) = delete;
    ~FewDescriptors() { set(usual_); }

    static bool are_possible() { return getenv("MIO_VALGRIND") == nullptr; }

private:
    static void set(const rlimit &limit) { REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0); }

    rlimit usual_;
};

// The target sends the writing ends of a few pipes. A received copy must have the inode number of the pipe that the
// target sent. The destructor checks that no copy of a writing end is still open: without a writer, the reading end
// reports POLLHUP.
class Pipes {
public:
    static constexpr size_t size = 3;

    Pipes()
    {
        for (int(&pair)[2] : pairs_)
            REQUIRE(pipe(pair) == 0);
    }
    Pipes(const Pipes &) = delete;
    Pipes &operator=(const Pipes &) = delete;
    ~Pipes()
    {
        for (const int(&pair)[2] : pairs_)
            REQUIRE(close(pair[1]) == 0);
        for (const int(&pair)[2] : pairs_) {
            pollfd reading = {pair[0], POLLIN, 0};
            REQUIRE(poll(&reading, 1, 10000) == 1 && (reading.revents & POLLHUP) != 0);
            REQUIRE(close(pair[0]) == 0);
        }
    }

    mio_handle writing(size_t pipe) const { return pairs_[pipe][1]; }

    // Checks that `handle` is a copy of the writing end of this pipe, that the copy is close-on-exec, and that the open
    // file is still blocking.
    void check_copy(mio_handle handle, size_t pipe) const
    {
        struct stat copy;
        struct stat original;
        REQUIRE(fstat(handle, &copy) == 0 && fstat(writing(pipe), &original) == 0);
        REQUIRE(handle != writing(pipe) && copy.st_ino == original.st_ino && copy.st_dev == original.st_dev);
        REQUIRE(fcntl(handle, F_GETFD) == FD_CLOEXEC && (fcntl(handle, F_GETFL) & O_NONBLOCK) == 0);
    }

private:
    int pairs_[size][2];
};

// ---- the model ----------------------------------------------------------------------------------------------------

// The bytes and the descriptors that one call sends or receives. Each descriptor is the writing end of a pipe, and
// `handles` contains the indexes of these pipes in Pipes.
struct Message {
    std::string bytes;
    std::vector<size_t> handles;
    bool is_truncated = false;
};

// The messages that wait in the receiving socket.
class Queue {
public:
    bool is_empty() const { return messages_.empty(); }

    void push(Message message) { messages_.push_back(std::move(message)); }

    // Returns the record or the datagram that the next receive into a buffer of `length` bytes must give.
    Message packet(size_t length) const
    {
        Message message = messages_.front();
        message.is_truncated = message.bytes.size() > length;
        message.bytes.resize(std::min(message.bytes.size(), length));
        return message;
    }

    void drop_packet() { messages_.erase(messages_.begin()); }

    // Returns the bytes that the next call must store if it receives from a stream into a buffer of `length` bytes. The
    // call stops after the bytes of a message that carried descriptors.
    Message bytes(size_t length) const
    {
        Message message;
        for (size_t i = 0; i < messages_.size() && message.bytes.size() < length && message.handles.empty(); i++) {
            message.bytes += messages_[i].bytes.substr(0, length - message.bytes.size());
            message.handles = messages_[i].handles;
        }
        return message;
    }

    void drop_bytes(size_t length)
    {
        while (length > 0) {
            Message &first = messages_.front();
            const size_t part = std::min(length, first.bytes.size());
            first.bytes.erase(0, part);
            first.handles.clear(); // the descriptors arrive with the first byte
            length -= part;
            if (first.bytes.empty()) messages_.erase(messages_.begin());
        }
    }

private:
    std::vector<Message> messages_;
};

// ---- the pair of sockets ------------------------------------------------------------------------------------------

class Link {
public:
    // `choice` % 3 selects the type of the sockets. With the bit 0x10, the kernel adds credentials to each message.
    // With the bit 0x20, the kernel adds a process descriptor to each message.
    explicit Link(uint8_t choice) : kind_(choice % 3), has_credentials_((choice & 0x10) != 0)
    {
        const int opened =
            is_datagram() ? mio_unix_datagram_pair(&datagrams_[0], &datagrams_[1])
                          : mio_unix_stream_pair(&streams_[0], &streams_[1], kind_ == records ? MIO_UNIX_SEQPACKET : 0);
        REQUIRE(opened == 0);
        mio_source *receiver = is_datagram() ? &datagrams_[1].source : &streams_[1].source;
        if (has_credentials_) REQUIRE(mio_source_set_option(receiver, MIO_OPTION_PASS_CREDENTIALS, 1) == 0);
        // With SO_PASSPIDFD, each message carries a process descriptor of the sender. mio closes this descriptor.
        const int on = (choice & 0x20) != 0 ? 1 : 0;
        (void)setsockopt(mio_source_handle(receiver), SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
    }
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;
    ~Link()
    {
        for (mio_unix_stream &each : streams_)
            mio_unix_stream_close(&each);
        for (mio_unix_datagram &each : datagrams_)
            mio_unix_datagram_close(&each);
    }

    bool is_stream() const { return kind_ == stream; }
    bool is_datagram() const { return kind_ == datagram; }
    bool has_credentials() const { return has_credentials_; }
    mio_unix_stream *sending_stream() { return &streams_[0]; }
    mio_unix_stream *receiving_stream() { return &streams_[1]; }
    mio_unix_datagram *sending_datagram() { return &datagrams_[0]; }
    mio_unix_datagram *receiving_datagram() { return &datagrams_[1]; }

private:
    enum Kind { stream, records, datagram };

    int kind_;
    bool has_credentials_;
    mio_unix_stream streams_[2] = {};
    mio_unix_datagram datagrams_[2] = {};
};

} // namespace fuzz

#endif // MIO_FUZZ_HANDLES_HPP
