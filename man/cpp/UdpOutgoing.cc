#include <cstdio>
#include <mio.hpp>

int main()
{
    const mio::Addr any_port = mio::Addr::ipv4({127, 0, 0, 1}, 0);
    mio::UdpSocket receiver = mio::UdpSocket::bind(any_port).value();
    mio::UdpSocket sender = mio::UdpSocket::bind(any_port).value();
    receiver.set_receive_ttl(true).or_throw();
    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    poll.registry()
        .register_source(receiver, mio::Token{0}, mio::Interest::readable)
        .or_throw("register");

    // The arguments of the message must stay valid until it is sent.
    const mio::Addr addr = receiver.local_addr().value();
    const mio::WritePiece words[] = {"hello, ", "world"};
    mio::Ancillary with;
    with.set_ttl(3).or_throw();
    mio::UdpOutgoing message(words);
    message.set_addr(addr).set_ancillary(with);
    sender.send_message(message).or_throw("send");

    mio::Events events(4);
    poll.poll(events).or_throw("wait");
    char text[32];
    const mio::ReadPiece room[] = {text};
    mio::Addr from;
    mio::Ancillary came;
    mio::UdpIncoming incoming(room);
    incoming.set_addr(from).set_ancillary(came);
    while (const auto length = receiver.recv_message(incoming)) {
        std::printf("%.*s\n", static_cast<int>(*length), text);
        std::printf("from %s, %d hops left\n",
                    from == sender.local_addr().value() ? "the sender"
                                                        : "somebody",
                    came.ttl().value_or(-1));
    }
}
