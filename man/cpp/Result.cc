#include <cstdio>
#include <mio.hpp>

mio::Result<mio::TcpListener> listen_on(const char *text)
{
    const mio::Result<mio::Addr> addr = mio::Addr::parse(text);
    if (!addr) return addr.errc(); // the error goes on to the caller
    return mio::TcpListener::bind(*addr);
}

int main()
{
    if (mio::Result<mio::TcpListener> listener = listen_on("127.0.0.1:0"))
        std::puts("listening");

    const auto wrong = listen_on("localhost:80");
    if (wrong.error() == std::errc::invalid_argument)
        std::printf("%s\n", mio::error_name(wrong.errc()));

    // Without a test, value() throws, or aborts without exceptions.
    mio::Addr addr =
        listen_on("127.0.0.1:0").value().local_addr().value();
    std::printf("IPv%d\n", static_cast<int>(addr.family()));
}
