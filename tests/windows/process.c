/* SPDX-License-Identifier: MIT */
/*
 * Replaces helpers/process.c and helpers/function.c on Windows, because Windows has neither fork(2) nor signals.
 */
#include "../helpers/sockets.h"
#include "../helpers/system.h"

/* Calls SetErrorMode. Otherwise Windows would show a dialogue when a test crashes. */
void prepare_process(void)
{
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
}

int run_in_child(int (*run)(Suite *(*make_suite)(void), int variant), Suite *(*make_suite)(void), int variant)
{
    (void)run;
    (void)make_suite;
    fprintf(stderr, "no process for %s\n", variant_name(variant));
    return EXIT_FAILURE;
}

void *bad_memory(void)
{
    static void *page;
    if (page == NULL) {
        page = VirtualAlloc(NULL, 65536, MEM_RESERVE, PAGE_NOACCESS);
        ck_assert_ptr_nonnull(page);
    }
    return page;
}

/* Windows has no limit of descriptors. */
void refuse_descriptors_from(int lowest)
{
    (void)lowest;
    ck_abort_msg("Windows has no limit of sockets");
}

void refuse_descriptors(void)
{
    refuse_descriptors_from(0);
}

void allow_descriptors(void) {}

void make_sigpipe_deadly(void) {}

int run_apart_at(const char *file, int line, int (*body)(void *context), void *context)
{
    (void)body;
    (void)context;
    skip_at(file, line, "Windows cannot copy this process");
    return SKIPPED;
}

/*
 * helpers/function.c has the usual promises_errno, but needs types of sources that Windows lacks. On Windows this
 * function always returns false, so the tests do not check errno.
 */
bool promises_errno(const char *text)
{
    (void)text;
    return false;
}

bool drop_privileges(void)
{
    return false;
}
