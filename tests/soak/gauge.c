/* SPDX-License-Identifier: MIT */
#include "gauge.h"

#include "flow.h"

#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/*
 * A sample has the measurements of a round, or the smallest measurements of several rounds. The last three members are
 * averages over a round.
 */
typedef struct sample {
    uint64_t descriptors;
    uint64_t heap;
    uint64_t resident;
    double time_per_event;
    double events_per_connection;
    double waits_per_event;
} sample;

enum { WARM_UP = 3, ROUNDS = 1 << 16 };
static sample samples[ROUNDS];
static int sample_count;
static work before;
static double time_before;

static uint64_t count_files(void)
{
    enum { DOTS_AND_THIS_LIST = 3 };
    uint64_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    check_that(list != NULL, "cannot read /proc/self/fd");
    while (readdir(list) != NULL) {
        count++;
    }
    closedir(list);
    return count - DOTS_AND_THIS_LIST;
}

/* Returns the number of bytes in use on the heap. Only glibc can report this number. Elsewhere the result is always
 * 0. */
static uint64_t heap_bytes(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    return mallinfo2().uordblks + mallinfo2().hblkhd;
#else
    return 0;
#endif
}

static uint64_t resident_bytes(void)
{
    uint64_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    check_that(file != NULL && fscanf(file, "%*u %" SCNu64, &pages) == 1, "cannot read /proc/self/statm");
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * Returns the processor time of this thread, in nanoseconds. The other threads are not counted, because they only wake
 * this thread.
 */
static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void end_round(const work *total)
{
    const double now = processor_time();
    const double events = (double)(total->events - before.events);
    if (sample_count < ROUNDS) {
        samples[sample_count++] = (sample){
            .descriptors = count_files(),
            .heap = heap_bytes(),
            .resident = resident_bytes(),
            .time_per_event = (now - time_before) / events,
            .events_per_connection = events / (double)(total->connections - before.connections),
            .waits_per_event = (double)(total->waits - before.waits) / events,
        };
    }
    before = *total;
    time_before = processor_time();
}

static void keep_less(double *kept, double value)
{
    *kept = value < *kept ? value : *kept;
}

/*
 * Returns the smallest value of each member in samples[first..last). Other processes can only increase these values, so
 * the smallest value is the most exact.
 */
static sample least_of(int first, int last)
{
    sample least = samples[first];
    for (int i = first + 1; i < last; i++) {
        least.resident = samples[i].resident < least.resident ? samples[i].resident : least.resident;
        keep_less(&least.time_per_event, samples[i].time_per_event);
        keep_less(&least.events_per_connection, samples[i].events_per_connection);
        keep_less(&least.waits_per_event, samples[i].waits_per_event);
    }
    return least;
}

static void check_ratio(const char *what, double early, double late)
{
    check_that(late <= 2 * early, "%s grew from %.2f to %.2f", what, early, late);
}

void judge_rounds(const char *backend, const char *role)
{
    enum { SLACK = 1 << 20 };
    const int third = (sample_count - WARM_UP) / 3;
    check_that(third > 0, "only %d rounds: the soak needs more time", sample_count);
    const sample *first = &samples[WARM_UP];
    for (int i = WARM_UP; i < sample_count; i++) {
        check_that(samples[i].descriptors == first->descriptors, "round %d has %" PRIu64 " descriptors, not %" PRIu64,
                   i, samples[i].descriptors, first->descriptors);
        check_that(samples[i].heap == first->heap, "round %d has %" PRIu64 " bytes in the heap, not %" PRIu64, i,
                   samples[i].heap, first->heap);
    }
    const sample early = least_of(WARM_UP, WARM_UP + third);
    const sample late = least_of(sample_count - third, sample_count);
    check_that(late.resident <= early.resident + early.resident / 10 + SLACK,
               "resident memory grew from %" PRIu64 " to %" PRIu64, early.resident, late.resident);
    check_ratio("the processor time per event", early.time_per_event, late.time_per_event);
    check_ratio("the number of events per connection", early.events_per_connection, late.events_per_connection);
    check_ratio("the number of waits per event", early.waits_per_event, late.waits_per_event);
    printf("%s %s: %d rounds, %" PRIu64 " connections, %" PRIu64 " events, %" PRIu64 " MB; %" PRIu64
           " descriptors, %" PRIu64 " bytes in the heap; resident %" PRIu64 " to %" PRIu64
           " kB; processor time per event %.0f to %.0f ns; events per connection %.1f to %.1f\n",
           backend, role, sample_count, before.connections, before.events, before.bytes / 1000000, first->descriptors,
           first->heap, early.resident / 1000, late.resident / 1000, early.time_per_event, late.time_per_event,
           early.events_per_connection, late.events_per_connection);
    fflush(stdout);
}
