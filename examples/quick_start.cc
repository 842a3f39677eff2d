// SPDX-License-Identifier: MIT
// A first program with mio, in C++. One poll object watches a listener and a client. The client connects to the
// listener, and the server closes the connection at once. The client then reads the end of the stream.
#include <cstdio>
#include <cstring>
#include <exception>
#include <mio.hpp>

namespace {

constexpr char usage[] =
    "usage: quick_start [ADDRESS:PORT]\n"
    "The tour of mio: a listener and a client in one poll object. MIO_BACKEND in the environment names a backend.\n";

constexpr mio::Token SERVER{0}; // tokens: any values; each event contains the token of its source
constexpr mio::Token CLIENT{1};

// Accepts and drops every waiting connection.
void accept_and_drop(mio::TcpListener &server)
{
    mio::Result<mio::Accepted> accepted = server.accept();
    for (; accepted; accepted = server.accept())
        std::puts("server: accepted a connection, dropping it");
    if (!accepted.would_block()) accepted.or_throw("accept");
}

// Returns whether the client has seen the end of its connection.
bool client_is_done(mio::TcpStream &client)
{
    const mio::Result<void> connected = client.connect_finish();
    if (connected.errc() == std::errc::operation_in_progress) return false;
    connected.or_throw("connect");

    char buffer[64];
    mio::Result<std::size_t> length = client.read(buffer);
    while (length.value_or(0U) > 0) // edge-triggered: read until the end or EAGAIN
        length = client.read(buffer);
    return !length.would_block() && length.or_throw("read") == 0;
}

void run(mio::Addr addr)
{
    mio::Poll poll = mio::Poll::create().or_throw("poll object, of MIO_BACKEND if set");
    mio::TcpListener server = mio::TcpListener::bind(addr).or_throw(addr.to_string());
    addr = server.local_addr().or_throw("local address"); // replaces port 0 by the real port
    mio::TcpStream client = mio::TcpStream::connect(addr).or_throw("connect");

    using mio::Interest;
    poll.registry().register_source(server, SERVER, Interest::readable).or_throw("register");
    poll.registry().register_source(client, CLIENT, Interest::readable | Interest::writable).or_throw("register");

    bool done = false;
    mio::Events events(16);
    while (!done) {
        const mio::Result<std::size_t> count = poll.poll(events);
        if (count.errc() != std::errc::interrupted) count.or_throw("wait");
        for (const mio::Event &event : events) {
            if (event.token() == SERVER)
                accept_and_drop(server);
            else
                done = client_is_done(client);
        }
    }
    std::puts("client: the connection has ended");
}

} // namespace

int main(int argc, char **argv)
{
    const char *address = argc > 1 ? argv[1] : "127.0.0.1:13265";
    if (argc == 2 && std::strcmp(address, "--help") == 0) return std::fputs(usage, stdout) < 0;
    const mio::Result<mio::Addr> addr = mio::Addr::parse(address);
    if (!addr) {
        const char *reason = mio::error_name(addr.errc());
        std::fprintf(stderr, "quick_start: not an ADDRESS:PORT: %s: %s\n", address, reason);
    }
    if (argc > 2 || !addr) {
        std::fputs(usage, stderr);
        return 2;
    }
    try {
        run(*addr);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "quick_start: %s\n", error.what());
        return 1;
    }
    return 0;
}
