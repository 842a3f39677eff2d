#!/bin/sh
# SPDX-License-Identifier: MIT
# Loads and unloads a plugin many times. The plugin uses the library. After the first rounds, the number of mappings of
# the process must not grow.
. "$(dirname "$0")/common.sh"

need_shared
[ -z "$SANITIZE" ] || skip "a program that is built without sanitizers cannot load a library that is built with them"

cat >"$tmp/unload.c" <<'PROGRAM'
#include <dlfcn.h>
#include <mio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int count_mappings(void)
{
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    for (int byte; maps != NULL && (byte = getc(maps)) != EOF;)
        count += byte == '\n';
    if (maps != NULL) fclose(maps);
    return count;
}

static int use(void *library)
{
    int (*poll_new)(mio_poll **, const mio_poll_options *);
    void (*poll_free)(mio_poll *);
    int (*signals_open)(mio_signals *, const int *, size_t, uint32_t);
    const int number = SIGUSR1;
    mio_signals signals;
    mio_poll *poll;
    *(void **)&poll_new = dlsym(library, "mio_poll_new");
    *(void **)&poll_free = dlsym(library, "mio_poll_free");
    *(void **)&signals_open = dlsym(library, "mio_signals_open");
    if (poll_new(&poll, NULL) != 0) return 1;
    poll_free(poll);
    static int opened;
    return opened++ == 0 && signals_open(&signals, &number, 1, MIO_SIGNALS_SELF_PIPE) != 0;
}

int main(int argc, char **argv)
{
    int before = 0;
    for (int i = 0; i < 200; i++) {
        void *library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL || use(library) != 0) return 1;
        dlclose(library);
        if (i == 10) before = count_mappings();
    }
    /* The handler of the set that was left open is still there. */
    raise(SIGUSR1);
    printf("%d %d\n", before, count_mappings());
    return before != count_mappings();
}
PROGRAM
# shellcheck disable=SC2086 # CC can hold flags
if ! $CC -D_GNU_SOURCE -I"$srcdir/include" -Iinclude -o "$tmp/unload" "$tmp/unload.c" -ldl; then
  problem "the program does not compile"
elif ! "$tmp/unload" "$PWD/$shared" >"$tmp/counts"; then
  problem "the mappings grow, or the program dies: $(cat "$tmp/counts")"
  mend "link with -z nodelete, as src/module.am does, or release the state"
fi

finish
