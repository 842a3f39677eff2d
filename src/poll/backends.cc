// SPDX-License-Identifier: MIT
#include "poll/backends.hpp"

#include "core/refused_call.hpp"
#include "port/process.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

const Selector *selector_at(size_t index)
{
    return index < selectors.count ? selectors.first[index] : nullptr;
}

Mechanisms<Selector> find_selectors(const char *name)
{
    if (name == nullptr) name = trusted_environment("MIO_BACKEND");
    if (name == nullptr) return selectors;
    for (const Selector *const &selector : selectors) {
        if (strcmp(selector->name, name) == 0) return {&selector, 1};
    }
    return {nullptr, 0};
}

int open_notifier(const Notifier **notifier, NotifierEnds *ends)
{
    int result = -ENOSYS;
    for (const Notifier *candidate : notifiers) {
        result = candidate->open(ends);
        if (result == 0) *notifier = candidate;
        if (!is_refused_call(result)) break;
    }
    return result;
}

} // namespace mio::impl
