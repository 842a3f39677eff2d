// SPDX-License-Identifier: MIT
// The only list of mechanisms: a new backend is a file with a table, and a line here.
#include "poll/backends.hpp"

#include "port/process.hpp"
#include "unix/epoll_selector.hpp"
#include "unix/eventfd_notifier.hpp"
#include "unix/pipe_notifier.hpp"
#include "unix/poll_selector.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

const Selector *const selectors[] = {&epoll_selector, &poll_selector};

const Notifier *const notifiers[] = {&eventfd_notifier, &pipe_notifier};

} // namespace

const Selector *selector_at(size_t index)
{
    return index < sizeof selectors / sizeof *selectors ? selectors[index] : nullptr;
}

const Selector *find_selector(const char *name)
{
    if (name == nullptr) name = trusted_environment("MIO_BACKEND");
    if (name == nullptr) return selectors[0];
    for (const Selector *selector : selectors) {
        if (strcmp(selector->name, name) == 0) return selector;
    }
    return nullptr;
}

int open_notifier(const Notifier **notifier, NotifierEnds *ends)
{
    int result = -ENOSYS;
    for (const Notifier *candidate : notifiers) {
        result = candidate->open(ends);
        if (result == 0) *notifier = candidate;
        if (result != -ENOSYS && result != -EPERM) break;
    }
    return result;
}

} // namespace mio::impl
