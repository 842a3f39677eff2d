/* SPDX-License-Identifier: MIT */
/* Postfix's tcp_table(5): one line asks, one line answers. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "table.h"

/* The longest line in each direction, with its newline: what tcp_table(5) says of answers. */
#define PROTOCOL_LINE_MAX 4096

/* Answers a request, which is given without its newline, ends with a null, and is changed. Returns the length of the
 * answer, at most PROTOCOL_LINE_MAX; there is no null behind it. */
size_t protocol_answer(const struct table *table, char *request, size_t length, char *answer);

/* The answer to a request that is longer than PROTOCOL_LINE_MAX. */
size_t protocol_refuse_long(char *answer);

#endif /* PROTOCOL_H */
