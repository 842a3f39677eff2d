#include <csignal>
#include <mio.hpp>

extern "C" void handler(int number)
{
    mio::SafeText<64> line;
    line.append("caught ").append_signal(number).append("\n");
    static_cast<void>(line.write(1)); // the handler ignores an error
}

int main()
{
    std::signal(SIGUSR1, handler);
    std::raise(SIGUSR1);
}
