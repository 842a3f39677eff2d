/* SPDX-License-Identifier: MIT */
/* Turns a list of steps into a program in C. The program compiles together with ends.c. */
#include "replay.h"

static const char head[] =
    "/* cc -std=gnu11 -Itests/differential x.c tests/differential/ends.c "
    "tests/differential/ends_linux.c -lmio -lpthread */\n"
    "#include \"ends.h\"\n"
    "#include <pthread.h>\n"
    "#include <stdio.h>\n"
    "#include <unistd.h>\n\n"
    "static endpoint ends[ENDS];\n"
    "static int duplicates[ENDS];\n"
    "static mio_poll *poll_object;\n"
    "static mio_registry *registry;\n"
    "static mio_waker *wakers[WAKERS], *stop;\n"
    "static char buffer[1 << 16];\n\n"
    "static void registers(unsigned i, uintptr_t token, uint32_t interest, int again)\n{\n"
    "    int result = is_bare(&ends[i]) ? (again ? mio_registry_reregister_handle : mio_registry_register_handle)(\n"
    "                     registry, ends[i].fd, token, interest)\n"
    "               : (again ? mio_registry_reregister : mio_registry_register)(\n"
    "                     registry, &ends[i].as.source, token, interest);\n"
    "    printf(\"register %u, token %zu, interest %#x: %d\\n\", i, (size_t)token, interest, result);\n}\n\n"
    "static void deregisters(unsigned i)\n{\n"
    "    int result = is_bare(&ends[i]) ? mio_registry_deregister_handle(registry, ends[i].fd)\n"
    "                                   : mio_registry_deregister(registry, &ends[i].as.source);\n"
    "    printf(\"deregister %u: %d\\n\", i, result);\n}\n\n";

static const char uses[] =
    "static void rearms(unsigned i, uint32_t bits)\n{\n"
    "    printf(\"rearm %u: %d\\n\", i, mio_registry_rearm_handle(registry, ends[i].fd, bits));\n}\n\n"
    "static void transfers(unsigned i, size_t length, int all, int64_t (*call)(endpoint *, void *, size_t))\n{\n"
    "    int64_t n;\n"
    "    do {\n        n = call(&ends[i], buffer, length);\n"
    "        printf(\"transfer %u: %lld; ready %#x\\n\", i, (long long)n, ready_now(ends[i].fd));\n"
    "    } while (all && n > 0);\n}\n"
    "#define reads(i, length, all) transfers(i, length, all, read_end)\n"
    "#define writes(i, length, all) transfers(i, length, (all) && !is_counter(i), write_any)\n"
    "static int64_t write_any(endpoint *e, void *b, size_t n)\n{\n    return write_end(e, b, n);\n}\n"
    "static int is_counter(unsigned i)\n{\n    link_kind k = ends[i].kind;\n"
    "    return k == KIND_UDP || k == KIND_EVENTFD || k == KIND_TIMERFD;\n}\n"
    "static void closes(unsigned i, int reset)\n{\n    (reset ? reset_end : close_end)(&ends[i]);\n}\n"
    "static void shuts_down(unsigned i, int how)\n{\n    printf(\"shutdown: %d\\n\", shutdown_end(&ends[i], "
    "how));\n}\n\n"
    "static void looks(size_t capacity, int64_t timeout)\n{\n"
    "    mio_event events[64];\n    char text[MIO_EVENT_TEXT_SIZE];\n"
    "    int n = mio_poll_wait(poll_object, events, capacity, timeout);\n"
    "    printf(\"wait: %d\\n\", n);\n"
    "    for (int i = 0; i < n; i++) {\n"
    "        mio_event_format(&events[i], text, sizeof text);\n        printf(\"    %s\\n\", text);\n    }\n}\n\n";

static const char threads[] =
    "static void *one_look(void *context)\n{\n    looks(64, 0);\n    return context;\n}\n"
    "static void crowd(int n)\n{\n    pthread_t t[8];\n"
    "    for (int i = 0; i < n; i++) {\n        pthread_create(&t[i], NULL, one_look, NULL);\n    }\n"
    "    for (int i = 0; i < n; i++) {\n        pthread_join(t[i], NULL);\n    }\n    looks(64, 0);\n}\n"
    "static void *one_wait(void *context)\n{\n    looks(64, 3000000000);\n    return context;\n}\n"
    "static void guards(void)\n{\n    pthread_t t;\n    pthread_create(&t, NULL, one_wait, NULL);\n    usleep(300);\n"
    "    looks(64, 0);\n    mio_waker_wake(stop);\n    pthread_join(t, NULL);\n    looks(64, 0);\n}\n\n";

void emit_head(FILE *out, const char *backend, const char *failure)
{
    fprintf(out, "%s%s%s", head, uses, threads);
    fprintf(out, "int main(void)\n{\n    /* %s */\n", failure);
    fprintf(out, "    mio_poll_options options = MIO_POLL_OPTIONS_INIT;\n    options.backend = \"%s\";\n", backend);
    fputs("    int rc = mio_poll_new(&poll_object, &options);\n    registry = mio_poll_registry(poll_object);\n", out);
    for (int i = 0; i < WAKERS; i++) {
        fprintf(out, "    rc |= mio_waker_new(&wakers[%d], registry, %d);\n", i, TOKEN_WAKER + i);
    }
    fprintf(out, "    rc |= mio_waker_new(&stop, registry, %d);\n\n", (int)TOKEN_STOP);
}

void emit_tail(FILE *out)
{
    fputs("\n    return rc;\n}\n", out);
}
