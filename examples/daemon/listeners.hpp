// SPDX-License-Identifier: MIT
// The listening TCP and Unix sockets of the daemon, and the connections that they accept. The service manager passes
// the listening sockets, or the daemon opens a socket for each address of the command line.
#ifndef LISTENERS_HPP
#define LISTENERS_HPP

#include <mio.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using Stream = std::variant<mio::TcpStream, mio::UnixStream>;

constexpr std::size_t listeners_max = 16;

// An address from the command line.
struct Endpoint {
    enum class Transport { tcp, local } transport;
    std::string name; // an address such as "192.0.2.1:80" for TCP, or the path of a Unix socket
};

// The file of a Unix socket. The destructor removes the file.
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

    // Removes the file, so that the next process can listen at the same path. Removing can fail if the daemon has given
    // up its privileges. Then the next start of the daemon replaces the file.
    void remove() noexcept;

private:
    std::string path_;
};

struct Listener {
    std::variant<mio::TcpListener, mio::UnixListener> socket;
    SocketFile file;        // the socket file, if this process created it
    bool inherited = false; // passed by the service manager, which keeps the socket and its backlog
    bool can_accept = false;

    mio::Result<Stream> accept(mio::AcceptReserve &reserve);
};

// Takes over the sockets that the service manager passed. If the manager passed no socket, opens the sockets of the
// command line.
// Throws std::exception.
std::vector<Listener> open_listeners(const std::vector<Endpoint> &endpoints);

#endif // LISTENERS_HPP
