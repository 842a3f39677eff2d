// SPDX-License-Identifier: MIT
// Listeners on TCP and Unix sockets, from the service manager or the command line, and the connections that they
// accept.
#ifndef LISTENERS_HPP
#define LISTENERS_HPP

#include <mio.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using Stream = std::variant<mio::TcpStream, mio::UnixStream>;

constexpr std::size_t listeners_max = 16;

// What the command line asks for.
struct Endpoint {
    enum class Transport { tcp, local } transport;
    std::string name; // "192.0.2.1:80" for TCP, or the path of a socket
};

// Owns the file of a Unix socket.
class SocketFile {
public:
    SocketFile() = default;
    explicit SocketFile(std::string path) : path_(std::move(path)) {}
    SocketFile(SocketFile &&other) noexcept : path_(std::exchange(other.path_, {})) {}
    SocketFile &operator=(SocketFile &&other) noexcept
    {
        std::swap(path_, other.path_);
        return *this;
    }
    ~SocketFile() { remove(); }

    // From then on a successor can have the path. Without privileges it can fail, which does no harm: the next start
    // replaces the file.
    void remove() noexcept;

private:
    std::string path_;
};

struct Listener {
    std::variant<mio::TcpListener, mio::UnixListener> socket;
    SocketFile file;        // where this process has made it
    bool inherited = false; // the service manager has it too: who waits there is not lost when this process ends
    bool can_accept = false;

    mio::Result<Stream> accept(mio::AcceptReserve &reserve);
};

// Takes over what the service manager has passed, and where that is nothing opens what was asked for. Throws
// std::exception.
std::vector<Listener> open_listeners(const std::vector<Endpoint> &endpoints);

#endif // LISTENERS_HPP
