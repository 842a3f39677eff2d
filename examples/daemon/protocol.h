/* SPDX-License-Identifier: MIT */
/* The protocol tcp_table(5) of Postfix. Each request and each answer is one line. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "table.h"

/* The maximal length of a request or an answer, in bytes, including the newline. tcp_table(5) sets this limit for
 * answers. lookupd uses the same limit for requests. */
#define PROTOCOL_LINE_MAX 4096

/* Stores the answer to `request` in `answer`, which has space for PROTOCOL_LINE_MAX bytes. Returns the length of the
 * answer, which ends with a newline and has no null. `request` has `length` bytes, and then a null in place of its
 * newline. The function decodes the key in place, so it changes `request`. */
size_t protocol_answer(const struct table *table, char *request, size_t length, char *answer);

/* Stores in `answer` the answer to a request that is longer than PROTOCOL_LINE_MAX. Returns the length of the
 * answer. */
size_t protocol_refuse_long(char *answer);

#endif /* PROTOCOL_H */
