#include <cstdio>
#include <mio.hpp>

int main()
{
    // One record carries a word, and the receiving end of a pipe.
    auto ends = mio::UnixStream::pair(mio::UnixFlags::seqpacket).value();
    mio::UnixStream &ours = ends.first, &theirs = ends.second;
    mio::Pipe pipe = mio::Pipe::create().value();
    const mio_handle sent = pipe.receiver.handle(); // still ours
    ours.send_with_handles("pipe", {sent}).or_throw("send");
    pipe.receiver.close(); // the copy in the record stays open
    pipe.sender.write("hello").or_throw("write");

    char word[8];
    mio_handle received;
    const auto got =
        theirs.recv_with_handles(word, sizeof word, &received, 1).value();
    std::printf("%.*s with %zu descriptor\n", static_cast<int>(got.size),
                word, got.handle_count);
    if (got.handle_count == 0) return 1;

    // The program must close the received descriptor. From here on, the
    // object `receiver` owns the descriptor, and closes it.
    mio::PipeReceiver receiver =
        mio::PipeReceiver::from_handle(received).value();
    char bytes[8];
    const std::size_t count = receiver.read(bytes).value();
    std::printf("%.*s\n", static_cast<int>(count), bytes);

    // A record that is longer than the buffer is truncated.
    ours.write("a long record").or_throw("write");
    if (theirs.recv(word, 6).value().truncated) std::puts("cut");
}
