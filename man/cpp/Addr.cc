#include <cstdio>
#include <mio.hpp>
#include <unordered_set>

int main()
{
    const mio::Addr local = mio::Addr::ipv4({127, 0, 0, 1}, 80);
    std::printf("%s\n", local.to_string().c_str());

    const mio::Result<mio::Addr> parsed = mio::Addr::parse("[::1]:443");
    if (parsed && parsed->is_loopback())
        std::printf("%s is this host\n", parsed->to_string().c_str());

    std::unordered_set<mio::Addr> seen;
    seen.insert(local);
    if (seen.count(mio::Addr::parse("127.0.0.1:80").value()) == 1)
        std::puts("seen before");
}
