#include <cstdio>
#include <mio.hpp>

mio::Result<mio::TcpListener> listen_on(const char *text)
{
    const mio::Result<mio::Addr> addr = mio::Addr::parse(text);
    if (!addr) return addr.errc(); // passes the error to the caller
    return mio::TcpListener::bind(*addr);
}

// mio::ok returns a signed number as the value of a Result.
mio::Result<int> difference(unsigned left, unsigned right)
{
    if (left > 1000 || right > 1000) return std::errc::value_too_large;
    return mio::ok(static_cast<int>(left) - static_cast<int>(right));
}

int main()
{
    if (const mio::Result<int> less = difference(3, 5))
        std::printf("%d\n", *less);

    const auto wrong = listen_on("localhost:80");
    if (wrong.error() == std::errc::invalid_argument)
        std::printf("%s\n", mio::error_name(wrong.errc()));

    // On an error, or_throw() throws. In a program without exceptions, it
    // prints the error and aborts. The text of the error begins with the
    // argument of or_throw().
    mio::TcpListener listener =
        listen_on("127.0.0.1:0").or_throw("listen");
    const mio::Addr addr =
        listener.local_addr().or_throw("local address");
    std::printf("IPv%d\n", static_cast<int>(addr.family()));
}
