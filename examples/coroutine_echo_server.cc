// SPDX-License-Identifier: MIT
//
// A TCP echo server with C++20 coroutines. Each client has its own coroutine, whose code looks like blocking code. You
// can copy the whole program. mio_coroutines(7) explains the technique.
//
//  - A coroutine waits with `co_await loop.until(...)`. If an event arrives while the coroutine does not wait, the
//    source's readiness word records the event.
//  - After about 32 reads, a coroutine calls `co_await loop.sleep(0ns)`. The loop then serves the other clients before
//    it resumes this coroutine.
//  - If the process has no free descriptor, new clients wait in the backlog, and the server accepts again after 100 ms.
//  - SIGTERM and SIGINT arrive as events of a source. After such an event, the loop resumes each coroutine for the last
//    time, and the coroutine returns. So no coroutine is left when the server ends.
//
// This server allocates memory for the coroutine of each client. By contrast, tcp_echo_server.cc allocates no memory
// after start-up.
#include <chrono>
#include <coroutine>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <list>
#include <map>
#include <mio.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace {

constexpr char usage[] = "usage: coroutine_echo_server [ADDRESS:PORT]\n"
                         "Sends every byte back to its client. Each client is served by a coroutine of C++20. SIGTERM "
                         "and SIGINT end the server.\n";

constexpr std::size_t buffer_size = 16384;
constexpr std::size_t event_capacity = 256;
constexpr int steps_per_turn = 32;
constexpr std::chrono::milliseconds retry_time(100); // how long to wait after a failed accept

void report(const std::error_code &error, const char *what)
{
    std::fprintf(stderr, "coroutine_echo_server: %s: %s\n", what, error.message().c_str());
}

// ---- the loop -------------------------------------------------------------------------------------------------------

// The return type of the coroutines. A coroutine of this type starts to run when it is called, and frees itself when it
// returns. No object owns the coroutine.
struct Task {
    struct promise_type {
        Task get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

// Contains the coroutine that waits for a source, and the readiness of the source. The address of the Waiter is the
// token of the source.
struct Waiter {
    std::list<Waiter>::iterator place;
    std::coroutine_handle<> sleeper;
    std::uint32_t wanted = 0;
    mio::Readiness ready;
};

class Loop {
public:
    mio::Poll poll = mio::Poll::create().or_throw("poll object, of MIO_BACKEND if set");

    // Handles events until a coroutine calls stop(), and then ends all coroutines.
    void run()
    {
        mio::Events events(event_capacity);
        while (!stopped_) {
            const auto deadline = sleepers_.empty() ? mio::Clock::time_point::max() : sleepers_.begin()->first;
            const auto waited = poll.poll_until(events, deadline);
            if (waited.errc() != std::errc::interrupted) (void)waited.or_throw("wait");
            for (const mio::Event &event : events)
                resume(*reinterpret_cast<Waiter *>(event.token()), event);
            resume_sleepers(mio::Clock::now());
            closed_.clear();
        }
        end_all();
    }

    void stop() { stopped_ = true; }

    Waiter &add_waiter()
    {
        Waiter &waiter = waiters_.emplace_front();
        waiter.place = waiters_.begin();
        return waiter;
    }

    // Removes a Waiter from the list. The Waiter's address can be the token of another event of the current wait. So
    // run() frees the Waiter only after it has handled all events of this wait.
    void remove_waiter(Waiter &waiter) { closed_.splice(closed_.begin(), waiters_, waiter.place); }

    // `co_await loop.until(waiter, MIO_READABLE)` suspends the coroutine until the source is readable. The result is
    // false if the loop has been stopped.
    auto until(Waiter &waiter, std::uint32_t wanted)
    {
        struct Awaiter {
            const Loop &loop;
            Waiter &waiter;
            std::uint32_t wanted;
            bool await_ready() const noexcept { return loop.stopped_ || (waiter.ready.bits() & wanted) != 0; }
            void await_suspend(std::coroutine_handle<> handle) noexcept
            {
                waiter.sleeper = handle;
                waiter.wanted = wanted;
            }
            bool await_resume() const noexcept { return !loop.stopped_; }
        };
        return Awaiter{*this, waiter, wanted};
    }

    // `co_await loop.sleep(100ms)` suspends the coroutine for 100 ms. `co_await loop.sleep(0ns)` lets the other
    // coroutines run first.
    auto sleep(std::chrono::nanoseconds time)
    {
        struct Awaiter {
            Loop &loop;
            mio::Clock::time_point deadline;
            bool await_ready() const noexcept { return loop.stopped_; }
            void await_suspend(std::coroutine_handle<> handle) { loop.sleepers_.emplace(deadline, handle); }
            void await_resume() const noexcept {}
        };
        return Awaiter{*this, mio::Clock::now() + time};
    }

private:
    static void resume(Waiter &waiter, const mio::Event &event)
    {
        waiter.ready.add(event);
        if (waiter.sleeper && (waiter.ready.bits() & waiter.wanted) != 0)
            std::exchange(waiter.sleeper, nullptr).resume();
    }

    void resume_sleepers(mio::Clock::time_point now)
    {
        while (!sleepers_.empty() && sleepers_.begin()->first <= now)
            sleepers_.extract(sleepers_.begin()).mapped().resume();
    }

    // Resumes each coroutine, which then returns and removes its own Waiter from the list. So the function advances
    // `next` before it resumes a coroutine.
    void end_all()
    {
        resume_sleepers(mio::Clock::time_point::max());
        for (auto next = waiters_.begin(); next != waiters_.end();) {
            Waiter &waiter = *next++;
            if (waiter.sleeper) std::exchange(waiter.sleeper, nullptr).resume();
        }
    }

    std::list<Waiter> waiters_;
    std::list<Waiter> closed_;
    std::multimap<mio::Clock::time_point, std::coroutine_handle<>> sleepers_;
    bool stopped_ = false;
};

// Owns a socket. The constructor of Source registers the socket with the loop. To wait for the socket, the coroutine
// that owns the Source calls until().
template <class Socket>
struct Source {
    Loop &loop;
    Socket socket;
    Waiter &waiter;
    const mio::Result<void> registered;

    Source(Loop &loop_of_all, Socket taken, mio::Interest interest)
        : loop(loop_of_all), socket(std::move(taken)), waiter(loop.add_waiter()),
          registered(loop.poll.registry().register_source(socket, mio::to_token(&waiter), interest))
    {
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    ~Source() { loop.remove_waiter(waiter); }

    auto until(std::uint32_t wanted) { return loop.until(waiter, wanted); }

    // Returns `result`, the result of a call on the socket. If the call would have blocked, clears the bits of `used`
    // in the readiness word.
    template <class T>
    mio::Result<T> after(mio::Interest used, mio::Result<T> result)
    {
        return waiter.ready.after(used, std::move(result));
    }
};

// ---- the coroutines -------------------------------------------------------------------------------------------------

Task echo(Loop &loop, mio::TcpStream stream)
{
    using mio::Interest;
    Source<mio::TcpStream> client(loop, std::move(stream), Interest::readable | Interest::writable);
    if (!client.registered) {
        report(client.registered.error(), "cannot serve a client");
        co_return;
    }
    char buffer[buffer_size];
    for (int steps = 1; co_await client.until(MIO_READABLE); steps++) {
        const auto got = client.after(Interest::readable, client.socket.read(buffer));
        if (got.would_block()) continue;
        std::string_view rest(buffer, got.value_or(0U));
        if (rest.empty()) co_return; // the client has closed the connection, or the connection has failed
        while (!rest.empty()) {
            if (!co_await client.until(MIO_WRITABLE)) co_return;
            const auto sent = client.after(Interest::writable, client.socket.write(rest));
            if (!sent && !sent.would_block()) co_return;
            rest.remove_prefix(sent.value_or(0U));
        }
        if (steps % steps_per_turn == 0) co_await loop.sleep(std::chrono::nanoseconds(0));
    }
}

Task accept_clients(Loop &loop, mio::TcpListener taken)
{
    Source<mio::TcpListener> listener(loop, std::move(taken), mio::Interest::readable);
    listener.registered.or_throw("register");
    bool is_short = false; // whether the server has already reported the lack of descriptors or memory
    while (co_await listener.until(MIO_READABLE)) {
        auto accepted = listener.after(mio::Interest::readable, listener.socket.accept());
        if (accepted) {
            is_short = false;
            echo(loop, std::move(accepted->stream));
        } else if (!accepted.would_block() && !mio::accept_is_transient(accepted.errc())) {
            if (!std::exchange(is_short, true)) report(accepted.error(), "cannot accept connections for now");
            co_await loop.sleep(retry_time);
        }
    }
}

Task stop_on_signal(Loop &loop, mio::Signals &signals)
{
    Waiter &waiter = loop.add_waiter();
    loop.poll.registry().register_source(signals, mio::to_token(&waiter), mio::Interest::readable).or_throw("register");
    (void)co_await loop.until(waiter, MIO_READABLE);
    loop.stop();
    loop.remove_waiter(waiter);
}

void run(const mio::Addr &addr)
{
    Loop loop;
    std::signal(SIGPIPE, SIG_IGN); // standard error can be a pipe without a reader
    mio::Signals signals = mio::Signals::open({SIGTERM, SIGINT}).or_throw("signals");
    mio::TcpListener listener = mio::TcpListener::bind(addr).or_throw(addr.to_string());
    std::printf("listening on %s\n", listener.local_addr().or_throw("local address").to_string().c_str());
    std::fflush(stdout);
    stop_on_signal(loop, signals);
    accept_clients(loop, std::move(listener));
    loop.run();
    signals.release(); // the signals stay blocked, so that a second SIGTERM does not change the exit status
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && std::strcmp(argv[1], "--help") == 0) return std::fputs(usage, stdout) < 0;
    const char *address = argc > 1 ? argv[1] : "127.0.0.1:13265";
    const mio::Result<mio::Addr> addr = mio::Addr::parse(address);
    if (!addr) {
        std::fprintf(stderr, "coroutine_echo_server: not an ADDRESS:PORT: %s: %s\n", address,
                     mio::error_name(addr.errc()));
    }
    if (argc > 2 || !addr) {
        std::fputs(usage, stderr);
        return 2;
    }
    try {
        run(*addr);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "coroutine_echo_server: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
