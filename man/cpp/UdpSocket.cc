#include <cstdio>
#include <mio.hpp>

int main()
{
    const mio::Addr any_port = mio::Addr::ipv4({127, 0, 0, 1}, 0);
    mio::UdpSocket receiver = mio::UdpSocket::bind(any_port).value();
    mio::UdpSocket sender = mio::UdpSocket::bind(any_port).value();

    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    poll.registry()
        .register_source(receiver, mio::Token{0}, mio::Interest::readable)
        .or_throw("register");
    sender.send_to("hello", receiver.local_addr().value())
        .or_throw("send");

    mio::Events events(4);
    poll.poll(events).or_throw("wait");
    char bytes[3];
    while (const auto got = receiver.recv_from(bytes)) {
        std::printf("%zu bytes%s from %s\n", got->size,
                    got->truncated ? ", cut," : "",
                    got->from.family() == mio::Family::ipv4
                        ? "IPv4"
                        : "elsewhere");
    }
}
