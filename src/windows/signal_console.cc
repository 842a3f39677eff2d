// SPDX-License-Identifier: MIT
// Receives the control events of a console as signals. Ctrl+C becomes SIGINT, and Ctrl+Break becomes SIGBREAK. Closing
// the console, logging off and shutting down become SIGTERM. For each event, Windows calls the handler in a new thread.
// The handler sends the number of the signal to a socket, and the program polls this socket.
#include "port/memory.hpp"
#include "windows/mechanisms.hpp"
#include "windows/mutex.hpp"
#include "windows/winsock.hpp"

#include <errno.h>
#include <signal.h>

namespace mio::impl {

namespace {

// A set of signals that the program has opened. A handler of console events serves the whole process, so one list has
// the open sets of all threads.
struct Collector {
    SignalSet set;
    SOCKET socket;
    uint32_t cookie;
    Collector *next;
};

INIT_ONCE handler_installed = INIT_ONCE_STATIC_INIT;
Mutex collectors_mutex; // protects the variables below
Collector *collectors;  // list of all open sets, newest first
uint32_t last_cookie;

int signal_of(DWORD event)
{
    switch (event) {
    case CTRL_C_EVENT:
        return SIGINT;
    case CTRL_BREAK_EVENT:
        return SIGBREAK;
    default:
        return SIGTERM;
    }
}

// Passes a signal to the newest set that contains it. Returns false if no set contains the signal.
bool deliver(int number)
{
    const Lock lock(&collectors_mutex);
    for (const Collector *collector = collectors; collector != nullptr; collector = collector->next) {
        if (!collector->set.has(number)) continue;
        const char byte = static_cast<char>(number);
        // If the socket is full, this signal is lost, but the program can still receive the earlier signals that fill
        // the socket.
        (void)send(collector->socket, &byte, 1, 0);
        return true;
    }
    return false;
}

BOOL WINAPI handle_event(DWORD event)
{
    const int number = signal_of(event);
    if (!deliver(number)) return FALSE;
    // For SIGTERM, Windows ends the process when the handler returns. So the handler sleeps, to give the other threads
    // of the program time to react.
    if (number == SIGTERM) Sleep(INFINITE);
    return TRUE;
}

// Installs the handler. The handler stays installed, so its module must stay loaded. If no set contains a signal, the
// handler passes the signal on.
BOOL CALLBACK install(INIT_ONCE *, void *, void **)
{
    HMODULE module;
    constexpr DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    return GetModuleHandleExW(flags, reinterpret_cast<const wchar_t *>(handle_event), &module) != 0 &&
           SetConsoleCtrlHandler(handle_event, TRUE) != 0;
}

// Windows holds a lock while a handler runs, and SetConsoleCtrlHandler waits for this lock. After a SIGTERM the handler
// never returns. So only the first call installs the handler, and no call removes it. The caller must not hold
// collectors_mutex, because the handler locks this mutex.
int install_once()
{
    return InitOnceExecuteOnce(&handler_installed, install, nullptr, nullptr) != 0 ? 0 : -ENOMEM;
}

// Makes a datagram socket that is connected to itself. Such a socket receives nothing from other processes.
int open_loop(mio_handle *opened)
{
    int failed = open_socket(AF_INET, SOCK_DGRAM, opened);
    if (failed != 0) return failed;
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr *address = reinterpret_cast<sockaddr *>(&name);
    int length = sizeof name;
    const SOCKET made = socket_of(*opened);
    failed = result_of(*opened, bind(made, address, length));
    if (failed == 0) failed = result_of(*opened, getsockname(made, address, &length));
    if (failed == 0) failed = result_of(*opened, connect(made, address, length));
    if (failed != 0) (void)closesocket(made);
    return failed;
}

void add_collector(Collector *made)
{
    const Lock lock(&collectors_mutex);
    made->cookie = ++last_cookie;
    made->next = collectors;
    collectors = made;
}

Collector *remove_collector(uint32_t cookie)
{
    const Lock lock(&collectors_mutex);
    Collector **link = &collectors;
    while (*link != nullptr && (*link)->cookie != cookie)
        link = &(*link)->next;
    Collector *found = *link;
    if (found == nullptr) return nullptr;
    *link = found->next;
    return found;
}

int open_console(const SignalSet &set, uint32_t *cookie, mio_handle *opened)
{
    Collector *made = create<Collector>();
    if (made == nullptr) return -ENOMEM;
    int failed = install_once();
    if (failed == 0) failed = open_loop(opened);
    if (failed != 0) {
        destroy(made);
        return failed;
    }
    made->set = set;
    made->socket = socket_of(*opened);
    add_collector(made);
    *cookie = made->cookie;
    return 0;
}

bool stop_console(const SignalSet &, uint32_t cookie)
{
    const int saved = errno;
    Collector *stopped = remove_collector(cookie);
    if (stopped != nullptr) destroy(stopped);
    errno = saved;
    return true;
}

int recv_console(mio_handle handle, uint32_t, mio_signal_info *info)
{
    char byte;
    if (recv(socket_of(handle), &byte, 1, 0) != 1) return last_failure(handle);
    info->number = byte;
    return 1;
}

} // namespace

constinit const SignalMechanism signal_console = {"console", open_console, stop_console, recv_console};

} // namespace mio::impl
