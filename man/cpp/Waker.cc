#include <cstdio>
#include <mio.hpp>
#include <thread>

int main()
{
    mio::PollOptions options;
    options.restart = true; // no EINTR
    mio::Poll poll = mio::Poll::create(options).value();
    const mio::Token woken{1};
    mio::Waker waker = mio::Waker::create(poll.registry(), woken).value();

    int answer = 0; // the worker writes answer before it wakes the loop
    std::thread worker([&] {
        answer = 42;
        waker.wake().or_throw("wake");
    });

    mio::Events events(4);
    poll.poll(events).or_throw("wait");
    if (events[0].token() == woken) std::printf("%d\n", answer);
    worker.join();
}
