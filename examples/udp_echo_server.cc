// SPDX-License-Identifier: MIT
//
// A UDP echo server, which sends every datagram back to its sender. You can copy the whole program. It works as
// follows:
//
//  - The server registers the socket once, edge-triggered. A mio::Readiness remembers that the socket is readable or
//    writable, until a call would block.
//  - If the socket's send buffer is full, the server sends the datagram later. Until then, the server receives no other
//    datagram, and arriving datagrams wait in the socket's receive buffer. If the receive buffer is full, the system
//    drops arriving datagrams.
//  - If sending to a client fails, for example because there is no route, the server drops this datagram and continues.
//  - The server allocates all memory at start-up.
//  - SIGTERM and SIGINT arrive as events in the same loop, and stop the server cleanly.
//
// An echo server sends its answers to the source address of a datagram, and a sender can forge this address. So run the
// server only in a network that you trust. By default, the server listens at the loopback address.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <getopt.h>
#include <mio.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace {

constexpr std::size_t buffer_size = 65536; // no datagram is larger
constexpr int steps_per_turn = 64;         // after this many steps, the loop checks for a signal
constexpr mio::Token socket_token{0};
constexpr mio::Token signals_token{1};

struct Options {
    const char *address = "127.0.0.1";
    std::uint16_t port = 13265;
};

class Server {
public:
    explicit Server(const mio::Addr &addr);
    ~Server();
    void run();

private:
    bool step();
    bool send_pending();
    bool recv();

    mio::Poll poll_;
    mio::Events events_{8};
    mio::Signals signals_;
    mio::UdpSocket socket_;
    bool must_stop_ = false;
    mio::Readiness ready_;
    std::optional<mio::ReceivedFrom> pending_; // size and sender of a datagram that must still be sent back
    char buffer_[buffer_size];
};

// ---- the loop ----

// Sends the pending datagram back. Drops the datagram if sending fails. Returns false if the server must wait for an
// event.
bool Server::send_pending()
{
    const auto sent = ready_.after(mio::Interest::writable, socket_.send_to(buffer_, pending_->size, pending_->from));
    if (sent.would_block()) return false;
    pending_.reset(); // sent, or dropped after an error
    return true;
}

// Receives one datagram. Returns false if no datagram has arrived.
bool Server::recv()
{
    const auto received = ready_.after(mio::Interest::readable, socket_.recv_from(buffer_, buffer_size));
    if (received.would_block()) return false;
    if (received) pending_ = *received; // an error comes from an earlier datagram, and the call has cleared this error
    return true;
}

// Sends or receives once. Returns false if the server must wait for the next event.
bool Server::step()
{
    if (pending_) return ready_.is_writable() && send_pending();
    return ready_.is_readable() && recv();
}

void Server::run()
{
    bool more = false; // whether the last turn ended before all work was done
    while (!must_stop_) {
        using std::chrono::nanoseconds;
        const auto count = poll_.poll(events_, more ? std::make_optional(nanoseconds::zero()) : std::nullopt);
        if (count.errc() != std::errc::interrupted) count.or_throw("cannot wait for events");
        for (const mio::Event &event : events_) {
            if (event.token() == signals_token) must_stop_ |= signals_.recv().has_value(); // the event can be spurious
            if (event.token() != socket_token) continue;
            ready_.add(event);
        }
        more = true;
        for (int steps = 0; more && steps < steps_per_turn; steps++)
            more = step();
    }
}

// ---- start and end ----

// Opens a server at `addr`, and prints the address. If the port of `addr` is 0, prints the port that the system has
// chosen.
Server::Server(const mio::Addr &addr)
    : poll_(mio::Poll::create().or_throw("cannot make a poll object, of MIO_BACKEND if set"))
{
    const std::string what = "cannot listen on " + addr.to_string();
    socket_ = mio::UdpSocket::bind(addr).or_throw(what);
    poll_.registry()
        .register_source(socket_, socket_token, mio::Interest::readable | mio::Interest::writable)
        .or_throw(what);
    const mio::Addr bound = socket_.local_addr().or_throw(what);
    signals_ = mio::Signals::open({SIGTERM, SIGINT}).or_throw("cannot catch signals");
    poll_.registry().register_source(signals_, signals_token, mio::Interest::readable).or_throw("cannot catch signals");
    std::printf("listening on %s\n", bound.to_string().c_str());
    std::fflush(stdout);
}

Server::~Server()
{
    signals_.release(); // the signals stay blocked, so that a second signal does not change the exit status
}

// ---- the command line ----

void print_help()
{
    std::puts("usage: udp_echo_server [OPTION]...\n"
              "Sends every datagram back to its sender, until SIGTERM or SIGINT.\n"
              "\n"
              "  --address IP  listen on this address (127.0.0.1)\n"
              "  --port N      listen on this port; 0 takes a free one (13265)\n"
              "  --help        print this and exit");
}

bool parse_port(const char *text, std::uint16_t &port)
{
    char *end = nullptr;
    errno = 0;
    const unsigned long number = std::strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > 65535) {
        std::fprintf(stderr, "udp_echo_server: not a port: %s\n", text);
        return false;
    }
    port = static_cast<std::uint16_t>(number);
    return true;
}

// Returns the exit status if the program must end, or nothing if the program continues.
std::optional<int> parse_options(Options &options, int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, nullptr, 'a'},
                                          {"port", required_argument, nullptr, 'p'},
                                          {"help", no_argument, nullptr, 'h'},
                                          {nullptr, 0, nullptr, 0}};
    int option = 0;
    while ((option = getopt_long(argc, argv, "", names, nullptr)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (option == 'a')
            options.address = optarg;
        else if (option != 'p' || !parse_port(optarg, options.port))
            return 2; // getopt_long or parse_port has printed the reason
    }
    if (optind < argc) {
        std::fprintf(stderr, "udp_echo_server: unexpected argument: %s\n", argv[optind]);
        return 2;
    }
    return std::nullopt;
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    const std::optional<int> status = parse_options(options, argc, argv);
    if (status) return *status;
    const mio::Result<mio::Addr> addr = mio::Addr::parse_ip(options.address, options.port);
    if (!addr) {
        std::fprintf(stderr, "udp_echo_server: not an IP address: %s\n", options.address);
        return 2;
    }
    try {
        Server(*addr).run();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "udp_echo_server: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
