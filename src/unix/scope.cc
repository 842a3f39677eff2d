// SPDX-License-Identifier: MIT
#include "unix/scope.hpp"

#include "port/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/option_names.hpp"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

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

int tie_to_scope(int fd, const mio_addr *addr, bool *tied)
{
    *tied = false;
    const uint32_t scope = scope_of(addr);
    if (scope == 0) return 0;
    Device device;
    const int failed = get_device(fd, &device);
    if (failed != 0) return failed;
    if (device.name[0] != '\0') return interface_index(device.name) == scope ? 0 : -EINVAL;
    *tied = true;
    if (!is_scope_dropped(addr)) return 0;
    const int unknown = result_of(if_indextoname(scope, device.name) != nullptr ? 0 : -1);
    return unknown != 0 ? -ENODEV : set_device(fd, device);
}

void untie(int fd)
{
    (void)set_device(fd, {});
}

} // namespace mio::impl
