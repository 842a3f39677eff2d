/* SPDX-License-Identifier: MIT */
/*
 * Reads the list of tests to skip. The program reads the list again for each test, because the list is short and rarely
 * exists.
 */
#include "skips.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char program[64]; /* the name of the source without .c, such as "tests/api/poll" */
    char test[128];
    int from; /* the first turn to skip */
    int to;   /* the first turn to run after the skipped turns */
    char reason[200];
} entry;

static bool read_entry(FILE *list, entry *e)
{
    e->from = 0;
    e->to = INT_MAX;
    if (fscanf(list, " %63s %127s %199[^\n]", e->program, e->test, e->reason) != 3) {
        return false;
    }
    char *turn = strchr(e->test, ':');
    if (turn != NULL && turn[1] == '<') {
        e->to = atoi(turn + 2);
    } else if (turn != NULL) {
        e->from = atoi(turn + 1);
    }
    if (turn != NULL) {
        *turn = '\0';
    }
    return true;
}

static bool is_entry_of(const entry *e, const TTest *test)
{
    const char *program = strstr(test->file, e->program);
    return program != NULL && program[strlen(e->program)] == '.' && strcmp(e->test, test->name) == 0;
}

/* libcheck runs a loop test once for each turn in the range [*start, *end). If the entry skips turns at the beginning
 * or at the end of this range, the function removes these turns from the range. */
static void leave_out(const entry *e, int *start, int *end)
{
    if (e->from >= *end || e->to <= *start) {
        return;
    }
    printf("SKIPPED: %s %s%s: %s\n", e->program, e->test, e->from > *start || e->to < *end ? " in part" : "",
           e->reason);
    if (e->from <= *start) {
        *start = e->to;
    } else {
        *end = e->from;
    }
}

void add_test(TCase *tcase, const TTest *test, int start, int end)
{
    const char *path = getenv("MIO_SKIPS");
    FILE *list = path != NULL ? fopen(path, "re") : NULL;
    entry e;
    if (path != NULL && list == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while (list != NULL && read_entry(list, &e)) {
        if (is_entry_of(&e, test)) {
            leave_out(&e, &start, &end);
        }
    }
    if (list != NULL) {
        fclose(list);
    }
    if (start < end) {
        _tcase_add_test(tcase, test, 0, 0, start, end);
    }
}
