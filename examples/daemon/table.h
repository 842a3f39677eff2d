/* SPDX-License-Identifier: MIT */
/* The table is a text file that the program keeps in memory. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* The maximal length of a key, and of a value. Even if the encoding turns each byte into three bytes, such a key or
 * value fits into a message of the protocol, which has at most 4096 bytes. */
#define TABLE_WORD_MAX 1024

/* The largest size of the file. The program reads and sorts such a file within the time of the watchdog, so the
 * watchdog does not kill the server meanwhile. */
#define TABLE_SIZE_MAX (64 * 1024 * 1024)

struct table_entry {
    const char *key;
    const char *value;
};

/* A table whose bytes are all zero is empty. */
struct table {
    char *text;                  /* the content of the file, cut into keys and values */
    struct table_entry *entries; /* sorted by key */
    size_t count;
};

/* Reads a file of lines "key value", and skips empty lines and lines that begin with #. On failure, prints the reason
 * and the line, returns a negative errno value, and leaves *table unchanged. */
int table_load(struct table *table, const char *path);

/* Returns the value, or null. */
const char *table_find(const struct table *table, const char *key);

void table_free(struct table *table);

#endif /* TABLE_H */
