/* SPDX-License-Identifier: MIT */
/* The table: a text file, in memory. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* The longest key, and the longest value: every one fits into a message of the protocol, whose limit is 4096 bytes,
 * also where each byte takes three. */
#define TABLE_WORD_MAX 1024

/* A file of this size is read, and its lines are sorted, well within the time of the watchdog; who answers nobody
 * for longer is killed. */
#define TABLE_SIZE_MAX (64 * 1024 * 1024)

struct table_entry {
    const char *key;
    const char *value;
};

/* All zero is an empty table. */
struct table {
    char *text;                  /* the file, cut into words */
    struct table_entry *entries; /* sorted by key */
    size_t count;
};

/* Reads a file of lines "key value"; empty lines and those that begin with # are passed over. A negative errno value is
 * said already, with the line, and *table is as it was. */
int table_load(struct table *table, const char *path);

/* The value, or null. */
const char *table_find(const struct table *table, const char *key);

void table_free(struct table *table);

#endif /* TABLE_H */
