#include <chrono>
#include <cstdio>
#include <mio.hpp>

constexpr mio::Token INPUT{7};

int main()
{
    using namespace std::chrono_literals;
    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    mio::Pipe pipe = mio::Pipe::create().value();
    poll.registry()
        .register_source(pipe.receiver, INPUT, mio::Interest::readable)
        .or_throw("register");

    mio::Events events(16);
    if (poll.poll(events, 5ms).or_throw("wait") == 0)
        std::puts("nothing for 5 ms");

    pipe.sender.write("hello").or_throw("write");
    poll.poll(events).or_throw("wait");
    for (const mio::Event &event : events) {
        if (event.token() != INPUT || !event.is_readable()) continue;
        char bytes[16];
        mio::Result<std::size_t> got = std::size_t{0};
        while ((got = pipe.receiver.read(bytes)))
            std::printf("read %zu bytes\n", *got);
        if (got.would_block()) std::puts("that was all");
    }
}
