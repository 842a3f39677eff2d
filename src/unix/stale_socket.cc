// SPDX-License-Identifier: MIT
// Binds to a path that still has the socket file of a dead process (MIO_UNIX_REPLACE). bind(2) creates the file, and
// fails if the file exists. So if several processes bind to a free path, bind(2) decides which process gets the path.
// One race must not happen: process A sees a stale file, process B replaces the file, and then A removes the file of B.
// So each process holds a lock while it checks the file, removes the file and binds again. The lock is a lock file
// beside the path. The directory is not suitable as a lock: any process that can read the directory could lock it and
// block the other processes. A process could do without a lock if it bound to a temporary name and then renamed the
// file. But then getsockname(2) would always report the temporary name.
#include "port/sockets.hpp"
#include "port/unix_sockets.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/fd.hpp"
#include "unix/socket_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mio::impl {

namespace {

constexpr char lock_suffix[] = ".lock";

struct LockPath {
    char text[sizeof(SocketPath) + sizeof lock_suffix];
};

LockPath lock_of(const SocketPath &path)
{
    LockPath lock = {};
    const size_t length = strlen(path.text);
    memcpy(lock.text, path.text, length);
    memcpy(lock.text + length, lock_suffix, sizeof lock_suffix);
    return lock;
}

// True if `path` still names the file that `fd` has open.
bool stands_at(int fd, const char *path)
{
    struct stat open_file = {};
    struct stat file = {};
    const int failed = result_of(fstat(fd, &open_file) < 0 ? -1 : lstat(path, &file));
    return failed == 0 && open_file.st_dev == file.st_dev && open_file.st_ino == file.st_ino;
}

int open_lock(const char *path)
{
    // Other users may have put any file at the path of the lock. So do not follow a symbolic link, and do not block.
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const int fd = result_of(open(path, flags, S_IRUSR | S_IWUSR));
    // EISDIR and ENXIO mean that the lock file is a directory or a socket. The caller does not know about the lock
    // file, so do not return these codes.
    return fd == -EISDIR || fd == -ENXIO ? -EADDRINUSE : fd;
}

// Takes the lock, and returns the descriptor of the lock file. The process holds the lock until it closes this
// descriptor. If another process holds the lock, returns -EADDRINUSE. If locking fails for a different reason, returns
// a negative errno value.
int take_lock(const char *path)
{
    // The holder of the lock removes the lock file before it releases the lock. So this process may have opened the
    // file before the removal, and locked the file after the removal. Such a lock has no effect, so try again.
    for (int attempts = 0; attempts < 100; attempts++) {
        const int fd = open_lock(path);
        if (fd < 0) return fd;
        const int failed = result_of(flock(fd, LOCK_EX | LOCK_NB));
        if (failed == 0 && stands_at(fd, path)) return fd;
        close_fd(fd);
        if (failed != 0) return failed == -EWOULDBLOCK ? -EADDRINUSE : failed;
    }
    return -EADDRINUSE;
}

void release_lock(int fd, const char *path)
{
    (void)unlink(path);
    close_fd(fd);
}

// Checks whether a process has the socket of this path open. Returns 0 if no process has the socket open, and
// -EADDRINUSE if a process may have it open. Returns -ENOENT if the path is free, and -EACCES if the mode of the file
// forbids connecting. The function connects a datagram socket to the path, because such a connect does not disturb a
// listener. If a process has a stream socket of this path open, the connect fails with -EPROTOTYPE, even if the socket
// does not listen yet.
int ask_by_connecting(const mio_addr *addr)
{
    mio_handle probe = MIO_HANDLE_NONE;
    const int failed = open_unix_socket(UnixKind::datagram, &probe);
    if (failed != 0) return failed;
    const int result = connect_unix_socket(probe, addr);
    close_handle(probe);
    if (result == -ECONNREFUSED) return 0;
    return result == -ENOENT || result == -EACCES ? result : -EADDRINUSE;
}

// Checks the path even if the mode of the file forbids connecting. Connecting needs the right to write to the file. If
// the right is missing, the function grants it to the owner and checks again. If the path is in use, the function then
// restores the mode. Granting the right is harmless, because only the owner (or root) may replace the file, and the
// owner can change the mode anyway.
int check_unused(const mio_addr *addr, const char *path, mode_t mode)
{
    int result = ask_by_connecting(addr);
    if (result != -EACCES || set_mode(path, mode | S_IWUSR) != 0) return result;
    result = ask_by_connecting(addr);
    if (result != 0) (void)set_mode(path, mode);
    return result;
}

int remove_if_stale(const mio_addr *addr, const char *path)
{
    struct stat file = {};
    int failed = result_of(lstat(path, &file));
    if (failed != 0) return failed == -ENOENT ? 0 : failed;
    const uid_t user = geteuid();
    if (!S_ISSOCK(file.st_mode) || (file.st_uid != user && user != 0)) return -EADDRINUSE;
    failed = check_unused(addr, path, file.st_mode & permission_bits);
    if (failed == 0) failed = result_of(unlink(path));
    // After -ENOENT the path is free as well, because another process has removed the file.
    return failed == -ENOENT ? 0 : failed;
}

} // namespace

int bind_unix_socket_replacing(mio_handle handle, const mio_addr *addr, int32_t mode)
{
    const CancelGuard guard;
    const int result = bind_unix_socket(handle, addr, mode);
    SocketPath path;
    if (result != -EADDRINUSE || !path_of(addr, &path)) return result;
    const LockPath lock_path = lock_of(path);
    const int lock = take_lock(lock_path.text);
    if (lock < 0) return lock;
    int failed = remove_if_stale(addr, path.text);
    if (failed == 0) failed = bind_unix_socket(handle, addr, mode);
    release_lock(lock, lock_path.text);
    return failed;
}

} // namespace mio::impl
