// SPDX-License-Identifier: MIT
#include "listeners.hpp"
#include "log.h"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace {

struct Free {
    void operator()(void *memory) const noexcept { std::free(memory); }
};
using CString = std::unique_ptr<char, Free>;

// ---- from the command line ----

// Replaces an unused socket file, but not the file of a listening process.
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

// ---- from the service manager ----

// A unit can pass any descriptor. A descriptor that is not a listening stream socket of these families is a mistake in
// the unit. Skipping the descriptor would hide the mistake.
Listener adopt(int fd, const char *name)
{
    const std::string what =
        "descriptor " + std::to_string(fd) + " (" + name + ") is no listening TCP or Unix stream socket";
    Listener listener;
    listener.inherited = true;
    if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0)
        listener.socket = mio::UnixListener::from_handle(fd).or_throw(what);
    else if (sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 || sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0)
        listener.socket = mio::TcpListener::from_handle(fd).or_throw(what);
    else
        throw std::system_error(std::make_error_code(std::errc::wrong_protocol_type), what);
    return listener;
}

// Returns a listener for each descriptor. Unsets the environment variables, because child processes must not use these
// variables.
std::vector<CString> passed_names()
{
    char **raw = nullptr;
    const int count = sd_listen_fds_with_names(1, &raw);
    if (count < 0) throw std::system_error(-count, std::generic_category(), "cannot tell which sockets were passed");
    const std::unique_ptr<char *, Free> owner(raw);
    std::vector<CString> names;
    for (int i = 0; i < count; i++)
        names.emplace_back(raw[i]);
    if (names.size() > listeners_max)
        throw std::system_error(E2BIG, std::generic_category(), std::to_string(count) + " sockets were passed");
    return names;
}

void say_address(const Listener &listener)
{
    const auto local_addr = [](const auto &socket) { return socket.local_addr(); };
    const mio::Addr addr = std::visit(local_addr, listener.socket).or_throw("cannot tell the address of a listener");
    log_line(LOG_INFO, "listening on %s", addr.to_string().c_str()); // the system has replaced port 0
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

// Passed sockets take precedence over the command line, so that one ExecStart= works with and without a socket unit.
std::vector<Listener> open_listeners(const std::vector<Endpoint> &endpoints)
{
    std::vector<Listener> listeners;
    int fd = SD_LISTEN_FDS_START;
    for (const CString &name : passed_names())
        listeners.push_back(adopt(fd++, name.get()));
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
