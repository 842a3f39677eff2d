// SPDX-License-Identifier: MIT
// The semaphores of the probe points. A tracer finds a semaphore through the ELF note of its probe point, and changes
// it while the program runs.
#include "port/probe.hpp"

#ifdef MIO_PROBES

// Only the note names a semaphore, so a link-time optimiser must not remove or rename it.
#define SEMAPHORE [[gnu::used, gnu::section(".probes")]] volatile unsigned short

SEMAPHORE mio_deregister_semaphore;
SEMAPHORE mio_register_semaphore;
SEMAPHORE mio_reregister_semaphore;
SEMAPHORE mio_wait_begin_semaphore;
SEMAPHORE mio_wait_end_semaphore;
SEMAPHORE mio_wake_semaphore;

#endif
