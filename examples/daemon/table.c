/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* for fstat in a strict C11 compilation */
#include "table.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLANKS " \t\r\v\f"

/* ---- the file ---- */

/* Reads up to `size` bytes. Returns the number of bytes read, or a negative errno value. If the file has become
 * shorter, the number is less than `size`. */
static ssize_t read_all(int file, char *text, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t count = read(file, text + length, size - length);
        if (count == 0) break;
        if (count > 0)
            length += (size_t)count;
        else if (errno != EINTR)
            return -errno;
    }
    return (ssize_t)length;
}

/* Reads a whole file into memory that the caller must free. Stores the address in *text and the file's length in
 * *length, and appends a null to the text. Returns 0 or a negative errno value. */
static int read_open_file(int file, char **text, size_t *length)
{
    struct stat facts;
    if (fstat(file, &facts) < 0) return -errno;
    if (S_ISDIR(facts.st_mode)) return -EISDIR;
    if (!S_ISREG(facts.st_mode)) return -EINVAL; /* reading a pipe, for example, could block the daemon */
    if (facts.st_size > TABLE_SIZE_MAX) return -EFBIG;
    *text = malloc((size_t)facts.st_size + 1);
    if (*text == NULL) return -ENOMEM;
    ssize_t count = read_all(file, *text, (size_t)facts.st_size);
    if (count < 0) {
        free(*text);
        return (int)count;
    }
    (*text)[count] = '\0';
    *length = (size_t)count;
    return 0;
}

static int read_file(const char *path, char **text, size_t *length)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* with O_NONBLOCK, opening a pipe does not block */
    if (file < 0) return -errno;
    int result = read_open_file(file, text, length);
    close(file);
    return result;
}

/* ---- lines ---- */

/* Splits a line into a key and a value, and stores both in *entry. If the line is empty or a comment, the stored key is
 * null. Returns null, or the text of an error. */
static const char *parse_line(char *line, struct table_entry *entry)
{
    size_t end = strlen(line);
    while (end > 0 && strchr(BLANKS, line[end - 1]) != NULL)
        end--;
    line[end] = '\0';
    line += strspn(line, BLANKS);
    entry->key = NULL;
    if (*line == '\0' || *line == '#') return NULL;
    size_t length = strcspn(line, BLANKS);
    if (line[length] == '\0') return "a key without a value";
    char *value = line + length + strspn(line + length, BLANKS);
    if (length > TABLE_WORD_MAX) return "a key that is too long";
    if (strlen(value) > TABLE_WORD_MAX) return "a value that is too long";
    line[length] = '\0';
    *entry = (struct table_entry){line, value};
    return NULL;
}

static size_t count_lines(const char *text, size_t length)
{
    const char *end = text + length;
    size_t count = 1; /* the text after the last newline also counts as a line */
    for (; (text = memchr(text, '\n', (size_t)(end - text))) != NULL; text++)
        count++;
    return count;
}

static int parse_text(struct table *table, size_t length, const char *path)
{
    char *line = table->text;
    const char *end = line + length;
    for (size_t number = 1; line != NULL; number++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline != NULL) *newline = '\0';
        struct table_entry *entry = &table->entries[table->count];
        const char *wrong = parse_line(line, entry);
        if (wrong != NULL) {
            log_line(LOG_ERR, "%s:%zu: %s", path, number, wrong);
            return -EINVAL;
        }
        if (entry->key != NULL) table->count++;
        line = newline != NULL ? newline + 1 : NULL;
    }
    return 0;
}

/* ---- sorting ---- */

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct table_entry *)left)->key, ((const struct table_entry *)right)->key);
}

/* Sorts the entries by key. Fails if two entries have the same key, because the program cannot know which value is
 * right. */
static int sort(struct table *table, const char *path)
{
    qsort(table->entries, table->count, sizeof *table->entries, compare);
    for (size_t i = 1; i < table->count; i++) {
        if (compare(&table->entries[i - 1], &table->entries[i]) == 0) {
            log_line(LOG_ERR, "%s: the key %s stands there twice", path, table->entries[i].key);
            return -EINVAL;
        }
    }
    return 0;
}

/* ---- the table ---- */

/* Replaces *table when the new table is complete. Until then, *table keeps the old content. */
int table_load(struct table *table, const char *path)
{
    struct table fresh = {0};
    size_t length = 0;
    int result = read_file(path, &fresh.text, &length);
    if (result < 0) return log_error(result, "cannot read %s", path);
    if (strlen(fresh.text) == length) {
        fresh.entries = calloc(count_lines(fresh.text, length), sizeof *fresh.entries);
        result = fresh.entries != NULL ? parse_text(&fresh, length, path) : log_error(-ENOMEM, "cannot read %s", path);
    } else {
        log_line(LOG_ERR, "%s: a null byte, so this is no text", path);
        result = -EINVAL;
    }
    if (result == 0) result = sort(&fresh, path);
    if (result < 0) {
        table_free(&fresh);
        return result;
    }
    table_free(table);
    *table = fresh;
    return 0;
}

const char *table_find(const struct table *table, const char *key)
{
    const struct table_entry wanted = {key, NULL};
    const struct table_entry *entry =
        table->count > 0 ? bsearch(&wanted, table->entries, table->count, sizeof *table->entries, compare) : NULL;
    return entry != NULL ? entry->value : NULL;
}

void table_free(struct table *table)
{
    free(table->entries);
    free(table->text);
    *table = (struct table){0};
}
