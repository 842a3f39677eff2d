// SPDX-License-Identifier: MIT
#include "listeners.hpp"
#include "log.h"

#include <cerrno>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace {

// ---- listeners from the command line ----

// Listens at an endpoint. If the file of a Unix socket exists but no process listens at this file, the function
// replaces the file.
Listener bind(const Endpoint &endpoint)
{
    const std::string what = "cannot listen on " + endpoint.name;
    Listener listener;
    if (endpoint.transport == Endpoint::Transport::tcp) {
        listener.socket = mio::TcpListener::bind(mio::Addr::parse(endpoint.name).or_throw(what)).or_throw(what);
    } else {
        const mio::Addr addr = mio::Addr::from_path(endpoint.name).or_throw(what);
        listener.socket = mio::UnixListener::bind(addr, mio::UnixFlags::replace).or_throw(what);
        listener.file = SocketFile(endpoint.name);
    }
    return listener;
}

// ---- listeners from the service manager ----

bool is_stream(mio_handle handle)
{
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

// Takes over one of the descriptors that the service manager passed. `index` is 0 for the first descriptor. A systemd
// unit can pass any kind of descriptor. If the descriptor is not a listening TCP or Unix stream socket, the function
// fails. So the administrator notices the mistake in the unit.
Listener adopt(std::size_t index)
{
    const std::string name = mio::Service::listen_name(index).or_throw("cannot tell the name of a socket").str();
    const mio_handle handle = mio::Service::listen_handle(index).or_throw("cannot take over the socket " + name);
    const std::string what =
        "descriptor " + std::to_string(handle) + " (" + name + ") is no listening TCP or Unix stream socket";
    if (!is_stream(handle)) throw std::system_error(std::make_error_code(std::errc::wrong_protocol_type), what);
    Listener listener;
    listener.inherited = true;
    mio::Result<mio::TcpListener> tcp = mio::TcpListener::from_handle(handle);
    if (tcp.errc() == std::errc::wrong_protocol_type)
        listener.socket = mio::UnixListener::from_handle(handle).or_throw(what);
    else
        listener.socket = std::move(tcp).or_throw(what);
    return listener;
}

// Returns a listener for each passed socket. Unsets the environment variables that describe the passed sockets, because
// child processes must not use these variables.
std::vector<Listener> adopt_all()
{
    const std::size_t count = mio::Service::listen_count().or_throw("cannot tell which sockets were passed");
    if (count > listeners_max)
        throw std::system_error(E2BIG, std::generic_category(), std::to_string(count) + " sockets were passed");
    std::vector<Listener> listeners;
    for (std::size_t i = 0; i < count; i++)
        listeners.push_back(adopt(i));
    mio::Service::forget(mio::ServiceVariables::listen).or_throw("cannot change the environment");
    return listeners;
}

void say_address(const Listener &listener)
{
    const auto local_addr = [](const auto &socket) { return socket.local_addr(); };
    const mio::Addr addr = std::visit(local_addr, listener.socket).or_throw("cannot tell the address of a listener");
    log_line(LOG_INFO, "listening on %s", addr.to_string().c_str()); // addr has the real port, not 0
}

} // namespace

void SocketFile::remove() noexcept
{
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
}

mio::Result<Stream> Listener::accept(mio::AcceptReserve &reserve)
{
    const auto accept = [&reserve](auto &listener) -> mio::Result<Stream> {
        auto accepted = listener.accept_or_shed(reserve);
        if (!accepted) return accepted.errc();
        return Stream(std::move(accepted->stream));
    };
    return std::visit(accept, socket);
}

// If the service manager passed sockets, the function ignores the sockets of the command line. So the same ExecStart=
// works with and without a socket unit.
std::vector<Listener> open_listeners(const std::vector<Endpoint> &endpoints)
{
    std::vector<Listener> listeners = adopt_all();
    if (listeners.empty()) {
        for (const Endpoint &endpoint : endpoints)
            listeners.push_back(bind(endpoint));
    } else if (!endpoints.empty()) {
        log_line(LOG_NOTICE, "sockets were passed: --listen and --unix are not used");
    }
    if (listeners.empty()) throw std::runtime_error("nothing to listen on: see --listen and --unix");
    for (const Listener &listener : listeners)
        say_address(listener);
    return listeners;
}
