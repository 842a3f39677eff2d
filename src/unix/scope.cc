// SPDX-License-Identifier: MIT
#include "unix/scope.hpp"

#include "core/shortage.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/calls.hpp"
#include "unix/option_names.hpp"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace mio::impl {

// On Linux, if_nametoindex(3) and if_indextoname(3) open a socket. If no descriptor is left, glibc hides the reason of
// the failure. So the library asks a socket itself. Only Linux can tell the name of an interface with ioctl(2).
#ifdef SIOCGIFNAME

namespace {

int interface_name(int fd, uint32_t index, Device *device)
{
    ifreq request = {};
    request.ifr_ifindex = static_cast<int>(index);
    const int failed = result_of(ioctl(fd, SIOCGIFNAME, &request));
    if (failed == 0) memcpy(device->name, request.ifr_name, sizeof device->name);
    return failed;
}

} // namespace

int interface_index(const char *name, uint32_t *index)
{
    mio_handle socket = MIO_HANDLE_NONE;
    int failed = open_spare_handle(&socket);
    if (failed != 0) return failed;
    ifreq request = {};
    memcpy(request.ifr_name, name, strnlen(name, sizeof request.ifr_name));
    failed = result_of(ioctl(socket, SIOCGIFINDEX, &request));
    close_handle(socket);
    if (failed == 0) *index = static_cast<uint32_t>(request.ifr_ifindex);
    return failed;
}

#else

namespace {

int interface_name(int, uint32_t index, Device *device)
{
    return if_indextoname(index, device->name) != nullptr ? 0 : -ENODEV;
}

} // namespace

int interface_index(const char *name, uint32_t *index)
{
    errno = 0; // POSIX defines no errors of if_nametoindex(3)
    *index = if_nametoindex(name);
    if (*index != 0) return 0;
    const int failed = last_failure();
    return is_shortage(failed) ? failed : -ENODEV;
}

#endif

bool needs_scope(const uint8_t ip[16])
{
    const bool link_local = ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
    const bool link_local_group = ip[0] == 0xff && ((ip[1] & 0xf) == 1 || (ip[1] & 0xf) == 2);
    return link_local || link_local_group;
}

int agree_on_interface(uint32_t *index, const mio_addr *addr)
{
    const uint32_t scope = scope_of(addr);
    if (scope != 0 && *index != 0 && scope != *index) return -EINVAL;
    if (scope != 0) *index = scope;
    return 0;
}

int get_device(int fd, Device *device)
{
    socklen_t size = sizeof device->name;
    *device = {};
    const int failed = result_of(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device->name, &size));
    return failed == -ENOPROTOOPT ? 0 : failed; // without this option, a system cannot bind a socket to an interface
}

int set_device(int fd, const Device &device)
{
    const auto length = static_cast<socklen_t>(strnlen(device.name, sizeof device.name));
    return result_of(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.name, length));
}

int explain_unreachable(int fd, const mio_addr *addr)
{
    const uint32_t scope = addr != nullptr ? scope_of(addr) : 0;
    Device device = {};
    return scope != 0 && interface_name(fd, scope, &device) == -ENODEV ? -ENODEV : -ENETUNREACH;
}

int tie_to_scope(int fd, const mio_addr *addr, bool *tied)
{
    *tied = false;
    const uint32_t scope = scope_of(addr);
    if (scope == 0) return 0;
    Device bound;
    Device wanted = {};
    int failed = get_device(fd, &bound);
    if (failed != 0) return failed;
    const bool is_bound = bound.name[0] != '\0';
    *tied = !is_bound;
    if (!is_bound && !is_scope_dropped(addr)) return 0;
    failed = interface_name(fd, scope, &wanted);
    if (!is_bound) return failed != 0 ? failed : set_device(fd, wanted);
    if (failed != 0 && failed != -ENODEV) return failed;
    return strcmp(bound.name, wanted.name) == 0 ? 0 : -EINVAL;
}

void untie(int fd)
{
    (void)set_device(fd, {});
}

} // namespace mio::impl
