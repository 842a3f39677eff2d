// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/registration.hpp"

#include <errno.h>
#include <mio/registry.h>

using namespace mio::impl;

MIO_EXPORT int mio_registry_register(mio_registry *registry, mio_source *source, uintptr_t token, uint32_t interest)
{
    if (registry == nullptr || source == nullptr) return -EINVAL;
    return register_source(registry->poll, source, token, interest);
}

MIO_EXPORT int mio_registry_reregister(mio_registry *registry, mio_source *source, uintptr_t token, uint32_t interest)
{
    if (registry == nullptr || source == nullptr) return -EINVAL;
    return reregister_source(registry->poll, source, token, interest);
}

MIO_EXPORT int mio_registry_deregister(mio_registry *registry, mio_source *source)
{
    if (registry == nullptr || source == nullptr) return -EINVAL;
    return deregister_source(registry->poll, source);
}

MIO_EXPORT int mio_registry_register_handle(mio_registry *registry, mio_handle handle, uintptr_t token,
                                            uint32_t interest)
{
    return registry != nullptr ? register_handle(registry->poll, handle, token, interest) : -EINVAL;
}

MIO_EXPORT int mio_registry_reregister_handle(mio_registry *registry, mio_handle handle, uintptr_t token,
                                              uint32_t interest)
{
    return registry != nullptr ? reregister_handle(registry->poll, handle, token, interest) : -EINVAL;
}

MIO_EXPORT int mio_registry_deregister_handle(mio_registry *registry, mio_handle handle)
{
    return registry != nullptr ? deregister_handle(registry->poll, handle) : -EINVAL;
}

MIO_EXPORT int mio_registry_rearm_handle(mio_registry *registry, mio_handle handle, uint32_t used_up)
{
    return registry != nullptr ? rearm_handle(registry->poll, handle, used_up) : -EINVAL;
}

MIO_EXPORT mio_handle mio_registry_poll_handle(const mio_registry *registry)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = registry != nullptr ? poll_handle(registry->poll, &handle) : -EINVAL;
    return failed == 0 ? handle : failed;
}

MIO_EXPORT int mio_registry_clone(mio_registry **clone, const mio_registry *registry)
{
    if (registry == nullptr || clone == nullptr) return -EINVAL;
    return clone_registry(registry, clone);
}

MIO_EXPORT void mio_registry_free(mio_registry *registry)
{
    if (registry != nullptr) free_registry(registry);
}
