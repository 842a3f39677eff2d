/* SPDX-License-Identifier: MIT */
/*
 * The list of tests that are left out. The program reads the list again for each test, because it is short and rarely
 * exists.
 */
#include "skips.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char program[64]; /* "tests/api/poll", which is also the name of its source */
    char test[128];
    int from; /* the first turn to skip */
    char reason[200];
} entry;

static bool read_entry(FILE *list, entry *e)
{
    e->from = 0;
    if (fscanf(list, " %63s %127s %199[^\n]", e->program, e->test, e->reason) != 3) {
        return false;
    }
    char *colon = strchr(e->test, ':');
    if (colon != NULL) {
        *colon = '\0';
        e->from = atoi(colon + 1);
    }
    return true;
}

static bool is_entry_of(const entry *e, const TTest *test)
{
    const char *program = strstr(test->file, e->program);
    return program != NULL && program[strlen(e->program)] == '.' && strcmp(e->test, test->name) == 0;
}

/* Returns the first of the turns to skip. */
static int first_skipped(const TTest *test, int end)
{
    const char *path = getenv("MIO_SKIPS");
    FILE *list = path != NULL ? fopen(path, "re") : NULL;
    entry e;
    if (path != NULL && list == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while (list != NULL && read_entry(list, &e)) {
        if (is_entry_of(&e, test) && e.from < end) {
            printf("SKIPPED: %s %s%s: %s\n", e.program, e.test, e.from > 0 ? " in part" : "", e.reason);
            end = e.from;
        }
    }
    if (list != NULL) {
        fclose(list);
    }
    return end;
}

void add_test(TCase *tcase, const TTest *test, int start, int end)
{
    end = first_skipped(test, end);
    if (start < end) {
        _tcase_add_test(tcase, test, 0, 0, start, end);
    }
}
