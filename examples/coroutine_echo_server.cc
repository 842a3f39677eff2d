// SPDX-License-Identifier: MIT
//
// A TCP echo server of C++20 coroutines. Each client has a coroutine, which looks like blocking code. A complete
// program to copy, together with mio_coroutines(7):
//
//  - A coroutine waits with `co_await loop.until(...)`. The readiness word of its source remembers an event that comes
//    while the coroutine does not wait.
//  - After some steps, a busy coroutine sleeps with a time of 0, so that no other client waits long.
//  - When the process has run out of descriptors, clients wait in the backlog, and the server tries again later.
//  - Signals arrive as readiness. SIGTERM and SIGINT resume each coroutine once more, and the coroutine returns. So
//    each coroutine is freed before the server ends.
//
// Each client costs an allocation for its coroutine. tcp_echo_server.cc allocates nothing after start-up.
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
constexpr std::chrono::milliseconds retry_time(100); // the pause when descriptors or memory have run out

void report(const std::error_code &error, const char *what)
{
    std::fprintf(stderr, "coroutine_echo_server: %s: %s\n", what, error.message().c_str());
}

// ---- the loop -------------------------------------------------------------------------------------------------------

// A coroutine that begins at once, has no owner, and frees itself.
struct Task {
    struct promise_type {
        Task get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

// The coroutine of a source waits here. The address of the Waiter is the token of the source.
struct Waiter {
    std::list<Waiter>::iterator place;
    std::coroutine_handle<> sleeper;
    std::uint32_t wanted = 0;
    mio::Readiness ready;
};

class Loop {
public:
    mio::Poll poll = mio::Poll::create().or_throw("poll object, of MIO_BACKEND if set");

    // Runs until a coroutine has called stop, and then ends all coroutines.
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

    // Keeps the Waiter until all events of the wait are handled, because the token of a later event can be the address
    // of this Waiter.
    void remove_waiter(Waiter &waiter) { closed_.splice(closed_.begin(), waiters_, waiter.place); }

    // `co_await loop.until(waiter, MIO_READABLE)` waits until the readiness word has the bit. Returns false if the loop
    // ends.
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

    // `co_await loop.sleep(100ms)`. A sleep with a time of 0 lets other coroutines run.
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

    // A coroutine that is resumed returns, and removes its own Waiter from the list.
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

// A registered source. The coroutine that owns the source waits for its readiness.
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

    // Remembers that a call would have blocked.
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
        if (rest.empty()) co_return; // the client has ended the connection, or the connection has failed
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
    bool is_short = false; // the server has reported a lack of descriptors or memory
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
