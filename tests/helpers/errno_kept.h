/* SPDX-License-Identifier: MIT */
/*
 * The functions that promise to keep errno: those that a signal handler may call, closing, freeing and deregistering.
 */
#ifndef MIO_TESTS_ERRNO_KEPT_H
#define MIO_TESTS_ERRNO_KEPT_H

#include <stdbool.h>

/* `call` is the text of one, such as "mio_poll_free(poll)". */
bool promises_errno(const char *call);

#endif /* MIO_TESTS_ERRNO_KEPT_H */
