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

// A listener of the command line.
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

    // Removes the file, so that a successor can use the path. Without privileges this call can fail. Then the next
    // start replaces the file.
    void remove() noexcept;

private:
    std::string path_;
};

struct Listener {
    std::variant<mio::TcpListener, mio::UnixListener> socket;
    SocketFile file;        // the socket file, if this process created it
    bool inherited = false; // the service manager also holds the socket, so the backlog outlives this process
    bool can_accept = false;

    mio::Result<Stream> accept(mio::AcceptReserve &reserve);
};

// Takes over the sockets that the service manager passed. If the manager passed no socket, opens the sockets of the
// command line.
// Throws std::exception.
std::vector<Listener> open_listeners(const std::vector<Endpoint> &endpoints);

#endif // LISTENERS_HPP
