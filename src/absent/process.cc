// SPDX-License-Identifier: MIT
// Defines the functions of port/process.hpp for a platform without fork(2) and without set-user-ID programs. Without
// fork(2), all processes have the same generation. Without set-user-ID programs, every process can trust its
// environment.
#include "port/process.hpp"

#include <stdlib.h>

namespace mio::impl {

namespace {

constexpr uint32_t only_generation = 1;
Atomic<uint32_t> only_page{only_generation};

} // namespace

Atomic<uint32_t> *process_page = &only_page;

uint32_t process_generation()
{
    return only_generation;
}

const char *trusted_environment(const char *name)
{
    return unless_empty(getenv(name));
}

} // namespace mio::impl
