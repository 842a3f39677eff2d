// SPDX-License-Identifier: MIT
//
// A TCP echo server, which sends every byte back to its client. You can copy the whole program. It works as follows:
//
//  - The server has one thread and one poll object. The server registers each connection once, edge-triggered. A
//    mio::Readiness remembers that the connection is readable or writable, until a call would block.
//  - While a connection's buffer contains unsent bytes, the server does not read from this connection. So a client that
//    does not read its answers delays only itself, and needs no further memory.
//  - A client that sends without a pause gets 32 reads and writes, and then waits in a queue. So no other client waits
//    long.
//  - The server allocates all memory at start-up. If --max-connections connections are open, or if the process has no
//    free descriptor, further clients wait in the backlog. The server does not drop these clients, and does not poll in
//    a busy loop.
//  - The token of a connection contains the index of its slot in the table, and a generation. The generation changes
//    when the connection closes. So the server ignores an event of a closed connection even if a new connection uses
//    the slot.
//  - SIGTERM and SIGINT arrive as events in the same loop, and end the server at once. mio_drain(7) shows how a server
//    can first finish the work for its clients.
//
// The server does not close a connection that is idle for a long time. tcp_echo_server.c is the same program in C.
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
#include <vector>

namespace {

constexpr std::size_t buffer_size = 16384;
constexpr std::size_t event_capacity = 256;
constexpr int steps_per_turn = 32;
constexpr int accepts_per_turn = 64;
constexpr auto retry_time = std::chrono::milliseconds(100); // how long to wait after a failed accept

// The low bits of a connection's token are the sum of first_token and the index of the connection's slot. The high bits
// are the generation of the slot.
constexpr mio::Token listener_token{0};
constexpr mio::Token signals_token{1};
constexpr std::uintptr_t first_token = 2;
constexpr int slot_bits = 20;
constexpr std::uintptr_t slot_mask = (std::uintptr_t{1} << slot_bits) - 1;
constexpr unsigned long max_connections_limit = slot_mask + 1 - first_token;

struct Options {
    const char *address = "127.0.0.1";
    std::uint16_t port = 13265;
    std::size_t max_connections = 1024;
};

struct Connection {
    mio::TcpStream stream;
    std::uintptr_t token = 0;
    Connection *next = nullptr; // next in the list of free slots, or in the queue for another turn
    bool waiting = false;       // whether the connection is in the queue for another turn
    mio::Readiness ready;
    std::size_t begin = 0; // buffer[begin..end) must still be sent back
    std::size_t end = 0;
    char buffer[buffer_size];

    Connection() {} // leaves the buffer uninitialised
    mio::Result<std::size_t> step();
};

void report(const std::error_code &error, const char *what)
{
    std::fprintf(stderr, "tcp_echo_server: %s: %s\n", what, std::strerror(error.value()));
}

// ---- the table of connections ----

class Table {
public:
    explicit Table(std::size_t size) : connections_(size)
    {
        for (std::size_t slot = size; slot-- > 0;) {
            connections_[slot].token = slot + first_token;
            connections_[slot].next = std::exchange(free_, &connections_[slot]);
        }
    }

    bool is_full() const { return free_ == nullptr; }

    // Returns the connection with this token, or null if that connection has been closed.
    Connection *find(mio::Token token)
    {
        const std::uintptr_t number = mio::to_integer(token);
        Connection &connection = connections_[(number & slot_mask) - first_token];
        return connection.token == number ? &connection : nullptr;
    }

    Connection &add(mio::TcpStream stream)
    {
        Connection &connection = *free_;
        free_ = std::exchange(connection.next, nullptr);
        connection.stream = std::move(stream);
        connection.waiting = false;
        connection.ready = {};
        connection.begin = connection.end = 0;
        return connection;
    }

    // Closes a connection, and frees its slot. The connection must not be in the queue for another turn.
    void remove(Connection &connection)
    {
        connection.stream.close();
        connection.token += slot_mask + 1; // the next generation
        connection.next = std::exchange(free_, &connection);
    }

private:
    std::vector<Connection> connections_;
    Connection *free_ = nullptr;
};

// ---- the server ----

class Server {
public:
    Server(const Options &options, const mio::Addr &addr);
    ~Server();
    void run();

private:
    void line_up(Connection &connection);
    void serve(Connection &connection);
    void serve_line();
    void connection_event(const mio::Event &event);
    void add_connection(mio::TcpStream stream);
    void remove_connection(Connection &connection);
    bool accept_one();
    void accept_clients();
    std::optional<mio::Clock::duration> wait_time() const;

    mio::Poll poll_;
    mio::Events events_{event_capacity};
    mio::Signals signals_;
    mio::TcpListener listener_;
    Table table_;
    Connection *line_ = nullptr;
    Connection **line_end_ = &line_;
    bool must_stop_ = false;
    bool can_accept_ = false;
    bool is_short_ = false;             // the last accept failed, for lack of descriptors or memory
    mio::Clock::time_point retry_at_{}; // the server accepts no client before this time
};

// ---- connections ----

// If the buffer contains unsent bytes, writes once. Otherwise reads once. Returns the number of bytes written or read,
// or 0 at the end of the connection. If would_block() of the result is true, the caller must wait for the next event.
mio::Result<std::size_t> Connection::step()
{
    if (begin < end) {
        if (!ready.is_writable()) return std::errc::resource_unavailable_try_again;
        auto length = ready.after(mio::Interest::writable, stream.write(buffer + begin, end - begin));
        begin += length.value_or(0U);
        return length;
    }
    if (!ready.is_readable()) return std::errc::resource_unavailable_try_again;
    auto length = ready.after(mio::Interest::readable, stream.read(buffer, buffer_size));
    begin = 0;
    end = length.value_or(0U);
    return length;
}

void Server::line_up(Connection &connection)
{
    connection.waiting = true;
    connection.next = nullptr;
    *line_end_ = &connection;
    line_end_ = &connection.next;
}

// Reads and writes until the connection must wait for an event, or until its turn is over. Closes a connection that has
// ended.
void Server::serve(Connection &connection)
{
    mio::Result<std::size_t> moved = 1U;
    for (int steps = 0; moved.value_or(0U) > 0; steps++) {
        if (steps == steps_per_turn) {
            line_up(connection);
            return;
        }
        moved = connection.step();
    }
    if (moved.would_block()) return;
    const std::errc error = moved.errc();
    // The three errors below mean that the client has disconnected, so the server does not report them.
    if (error != std::errc() && error != std::errc::connection_reset && error != std::errc::broken_pipe &&
        error != std::errc::timed_out)
        report(moved.error(), "a connection failed");
    remove_connection(connection);
}

// Serves each connection in the queue for one turn.
void Server::serve_line()
{
    Connection *connection = std::exchange(line_, nullptr);
    line_end_ = &line_;
    while (connection != nullptr) {
        Connection *next = connection->next;
        connection->waiting = false;
        serve(*connection);
        connection = next;
    }
}

void Server::connection_event(const mio::Event &event)
{
    Connection *connection = table_.find(event.token());
    if (connection == nullptr) return;
    connection->ready.add(event);
    if (!connection->waiting) serve(*connection);
}

void Server::remove_connection(Connection &connection)
{
    table_.remove(connection);
    retry_at_ = {}; // accepting may work again, because a descriptor is free
}

// ---- the listener ----

void Server::add_connection(mio::TcpStream stream)
{
    Connection &connection = table_.add(std::move(stream));
    const mio::Result<void> result = poll_.registry().register_source(
        connection.stream, mio::Token{connection.token}, mio::Interest::readable | mio::Interest::writable);
    if (!result) {
        report(result.error(), "cannot serve a connection");
        remove_connection(connection);
    }
}

// Accepts one client. Returns whether the caller should accept again at once.
bool Server::accept_one()
{
    mio::Result<mio::Accepted> accepted = listener_.accept();
    if (accepted) add_connection(std::move(accepted->stream));
    if (accepted || mio::accept_is_transient(accepted.errc())) return true;
    if (accepted.would_block()) {
        can_accept_ = false;
        is_short_ = false;
        return false;
    }
    // Accepting failed for lack of descriptors or memory. The client stays in the backlog, and no event will report it
    // again. So the server accepts again when a connection has ended, or after the retry time.
    if (!is_short_) report(accepted.error(), "cannot accept connections for now");
    is_short_ = true;
    retry_at_ = mio::Clock::now() + retry_time;
    return false;
}

void Server::accept_clients()
{
    for (int i = 0; i < accepts_per_turn; i++) {
        if (!can_accept_ || table_.is_full() || mio::Clock::now() < retry_at_ || !accept_one()) return;
    }
}

// ---- the loop ----

// Returns the timeout of the next wait. If a connection is in the queue for another turn, the timeout is 0.
std::optional<mio::Clock::duration> Server::wait_time() const
{
    if (line_ != nullptr) return mio::Clock::duration::zero();
    if (!can_accept_ || table_.is_full()) return std::nullopt;
    return retry_at_ - mio::Clock::now(); // if the time is negative, the wait returns at once
}

void Server::run()
{
    while (!must_stop_) {
        const mio::Result<std::size_t> count = poll_.poll(events_, wait_time());
        if (count.errc() != std::errc::interrupted) count.or_throw("cannot wait for events");
        for (const mio::Event &event : events_) {
            if (event.token() == listener_token)
                can_accept_ = true;
            else if (event.token() == signals_token) // an event alone does not prove that a signal has arrived
                must_stop_ |= signals_.recv().has_value();
            else
                connection_event(event);
        }
        serve_line();
        accept_clients();
    }
}

// ---- start and end ----

// Opens a server that listens at `addr`, and prints the address. If the port of `addr` is 0, prints the port that the
// system has chosen.
Server::Server(const Options &options, const mio::Addr &addr)
    : poll_(mio::Poll::create().or_throw("cannot make a poll object, of MIO_BACKEND if set")),
      table_(options.max_connections)
{
    const std::string what = "cannot listen on " + addr.to_string();
    listener_ = mio::TcpListener::bind(addr).or_throw(what);
    listener_.set_nodelay(true).or_throw(what); // accepted connections inherit this option
    poll_.registry().register_source(listener_, listener_token, mio::Interest::readable).or_throw(what);
    const mio::Addr bound = listener_.local_addr().or_throw(what);
#ifdef SIGPIPE                     // not on Windows
    std::signal(SIGPIPE, SIG_IGN); // standard error can be a pipe without a reader
#endif
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
    std::puts("usage: tcp_echo_server [OPTION]...\n"
              "Sends every byte back to the client that it came from, until SIGTERM or SIGINT.\n"
              "\n"
              "  --address IP         listen on this address (127.0.0.1)\n"
              "  --port N             listen on this port; 0 takes a free one (13265)\n"
              "  --max-connections N  connections at a time; more wait in the backlog (1024)\n"
              "  --help               print this and exit");
}

bool parse_number(const char *text, unsigned long minimum, unsigned long maximum, unsigned long &value)
{
    char *end = nullptr;
    errno = 0;
    value = std::strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= minimum && value <= maximum;
}

bool parse_option(Options &options, int option)
{
    unsigned long number = 0;
    switch (option) {
    case 'a':
        options.address = optarg;
        return true;
    case 'p':
        if (!parse_number(optarg, 0, 65535, number)) break;
        options.port = static_cast<std::uint16_t>(number);
        return true;
    case 'm':
        if (!parse_number(optarg, 1, max_connections_limit, number)) break;
        options.max_connections = number;
        return true;
    default:
        return false; // getopt_long has printed the reason
    }
    std::fprintf(stderr, "tcp_echo_server: not a number in range: %s\n", optarg);
    return false;
}

// Returns the exit status if the program must end, or nothing if the program continues.
std::optional<int> parse_options(Options &options, int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, nullptr, 'a'},
                                          {"port", required_argument, nullptr, 'p'},
                                          {"max-connections", required_argument, nullptr, 'm'},
                                          {"help", no_argument, nullptr, 'h'},
                                          {nullptr, 0, nullptr, 0}};
    int option = 0;
    while ((option = getopt_long(argc, argv, "", names, nullptr)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (!parse_option(options, option)) return 2;
    }
    if (optind < argc) {
        std::fprintf(stderr, "tcp_echo_server: unexpected argument: %s\n", argv[optind]);
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
        std::fprintf(stderr, "tcp_echo_server: not an IP address: %s\n", options.address);
        return 2;
    }
    try {
        Server(options, *addr).run();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "tcp_echo_server: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
