#include <cstdio>
#include <mio.hpp>

constexpr mio::Token LISTENER{0}, CLIENT{1}, SERVED{2};

int main()
{
    using mio::Interest;
    mio::Poll poll = mio::Poll::create().value();
    const mio::Registry registry = poll.registry();
    mio::TcpListener listener =
        mio::TcpListener::bind(mio::Addr::ipv4({127, 0, 0, 1}, 0))
            .value();
    mio::TcpStream client =
        mio::TcpStream::connect(listener.local_addr().value()).value();
    mio::TcpStream served; // closed
    registry.register_source(listener, LISTENER, Interest::readable)
        .or_throw("register");
    registry.register_source(client, CLIENT, Interest::writable)
        .or_throw("register");

    mio::Events events(8);
    for (bool done = false; !done;) {
        const auto count = poll.poll(events);
        if (count.errc() != std::errc::interrupted)
            count.or_throw("wait");
        for (const mio::Event &event : events) {
            if (event.token() == LISTENER) {
                served = std::move(listener.accept().value().stream);
                registry
                    .register_source(served, SERVED, Interest::readable)
                    .or_throw("register");
            } else if (event.token() == CLIENT &&
                       client.connect_finish()) {
                client.write("hello").or_throw("write");
            } else if (event.token() == SERVED) {
                char bytes[16];
                if (const auto length = served.read(bytes)) {
                    std::printf("got %zu bytes\n", *length);
                    done = true;
                }
            }
        }
    }
}
