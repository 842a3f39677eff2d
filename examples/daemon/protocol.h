/* SPDX-License-Identifier: MIT */
/* The protocol tcp_table(5) of Postfix: a request is one line, and an answer is one line. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "table.h"

/* The longest request and the longest answer, with the newline. tcp_table(5) sets this limit for answers. */
#define PROTOCOL_LINE_MAX 4096

/* Answers a request. The request has a null in place of its newline, and the function changes the request. Returns the
 * length of the answer, at most PROTOCOL_LINE_MAX. The answer has no final null. */
size_t protocol_answer(const struct table *table, char *request, size_t length, char *answer);

/* Stores the answer to a request that is longer than PROTOCOL_LINE_MAX, and returns its length. */
size_t protocol_refuse_long(char *answer);

#endif /* PROTOCOL_H */
