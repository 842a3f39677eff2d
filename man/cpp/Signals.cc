#include <csignal>
#include <cstdio>
#include <mio.hpp>

int main()
{
    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    mio::Signals signals = mio::Signals::open({SIGTERM, SIGINT}).value();
    poll.registry()
        .register_source(signals, mio::Token{0}, mio::Interest::readable)
        .or_throw("register");

    std::raise(SIGTERM); // the request to stop

    mio::Events events(4);
    poll.poll(events).or_throw("wait");
    while (const mio::Result<mio::SignalInfo> info = signals.recv())
        std::printf("%s\n", mio::signal_name(info->number()));
}
