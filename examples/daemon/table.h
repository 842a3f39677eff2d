/* SPDX-License-Identifier: MIT */
/* The table of keys and values, which the program reads from a text file and keeps in memory. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* The maximal length of a key, and of a value, in bytes. The protocol limits a line to 4096 bytes, and encodes some
 * bytes as three bytes. A key or a value of 1024 bytes becomes at most 3072 bytes, so it fits into a line. */
#define TABLE_WORD_MAX 1024

/* The maximal size of the file, in bytes. The server cannot notify the watchdog while it reads and sorts the file. For
 * a file of this size, the server finishes before the watchdog expires. */
#define TABLE_SIZE_MAX (64 * 1024 * 1024)

struct table_entry {
    const char *key;
    const char *value;
};

/* A table whose bytes are all zero is empty. */
struct table {
    char *text;                  /* the content of the file, with a null after each key and each value */
    struct table_entry *entries; /* sorted by key */
    size_t count;
};

/* Replaces the content of *table by the entries of a file. An entry is a line "key value". Skips empty lines and
 * comments. A comment is a line whose first non-blank character is #. On failure, prints the reason, returns a negative
 * errno value, and leaves *table unchanged. If a line is invalid, the reason contains the line number. */
int table_load(struct table *table, const char *path);

/* Returns the value of `key`, or null if the table does not contain the key. */
const char *table_find(const struct table *table, const char *key);

void table_free(struct table *table);

#endif /* TABLE_H */
