#include <cstdio>
#include <mio.hpp>
#include <utility>

// A composite source: both ends of a connection. The right end gets the
// next token.
struct Relay {
    using Status = mio::Result<void>;

    Status register_with(const mio::Registry &registry, mio::Token token,
                         mio::Interest interest)
    {
        Status result = registry.register_source(left, token, interest);
        if (!result) return result;
        result = registry.register_source(right, next(token), interest);
        // Registers both ends or none.
        if (!result) static_cast<void>(registry.deregister_source(left));
        return result;
    }

    Status reregister_with(const mio::Registry &registry,
                           mio::Token token, mio::Interest interest)
    {
        Status result = registry.reregister_source(left, token, interest);
        if (!result) return result;
        return registry.reregister_source(right, next(token), interest);
    }

    Status deregister_from(const mio::Registry &registry)
    {
        const Status result = registry.deregister_source(left);
        const Status other = registry.deregister_source(right);
        return result ? other : result;
    }

    static mio::Token next(mio::Token token)
    {
        return mio::Token{mio::to_integer(token) + 1};
    }

    mio::UnixStream left, right;
};

int main()
{
    auto ends = mio::UnixStream::pair().value();
    Relay relay{std::move(ends.first), std::move(ends.second)};
    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    const mio::Registry registry = poll.registry();
    registry
        .register_source(relay, mio::Token{10}, mio::Interest::readable)
        .or_throw("register");

    relay.left.write("x").or_throw("write");
    mio::Events events(4);
    poll.poll(events).or_throw("wait");
    for (const mio::Event &event : events) {
        const auto token = mio::to_integer(event.token());
        std::printf("%u is readable\n", static_cast<unsigned>(token));
    }

    registry.deregister_source(relay).or_throw("register");
    const auto again = registry.deregister_source(relay);
    std::printf("%s\n", mio::error_name(again.errc()));
}
