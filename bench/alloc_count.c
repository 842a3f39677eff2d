/* SPDX-License-Identifier: MIT */
/*
 * Counts the allocations of a program. Preload this shared object into the program, which itself needs no changes. The
 * object writes the count to the file that the environment variable ALLOC_COUNT_FILE names. The file contains one
 * 64-bit number in the byte order of the machine. To count the allocations after start-up, read the number when the
 * program is ready, read the number again later, and take the difference.
 *
 * The object counts each call of malloc, calloc, realloc, aligned_alloc, posix_memalign and memalign, in any thread.
 * Operator new calls malloc, so the object counts operator new too. The object does not count calls of free, so the
 * number only grows.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t early; /* counts the allocations before the file exists */
static uint64_t *counter = &early;

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    void (*free)(void *);
} libc;

/* Memory for dlsym. is_ready() looks up the functions of libc with dlsym, and dlsym can allocate memory meanwhile. The
 * function free() ignores this memory. */
static char lobby[4096] __attribute__((aligned(16)));
static size_t lobby_used;

static void *lobby_allocate(size_t size)
{
    if (size > sizeof lobby - lobby_used) return NULL;
    void *memory = lobby + lobby_used;
    lobby_used += (size + 15) & ~(size_t)15;
    return memory;
}

static int is_in_lobby(const void *memory)
{
    return (uintptr_t)memory - (uintptr_t)lobby < sizeof lobby;
}

static void look_up(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol) abort();
    memcpy(function, &symbol, sizeof symbol); /* ISO C cannot convert an object pointer to a function pointer */
}

/* Returns whether the functions of libc are known. The first call looks them up with dlsym. If dlsym allocates memory
 * meanwhile, malloc calls is_ready() again, and this inner call returns false. The function needs no lock, because the
 * first call ends before the program starts a second thread. */
static int is_ready(void)
{
    static enum { NOT_YET, LOOKING, READY } state;
    if (state == NOT_YET) {
        state = LOOKING;
        look_up("malloc", &libc.malloc);
        look_up("calloc", &libc.calloc);
        look_up("realloc", &libc.realloc);
        look_up("memalign", &libc.memalign);
        look_up("free", &libc.free);
        state = READY;
    }
    return state == READY;
}

static void count(void)
{
    __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

__attribute__((constructor)) static void open_counter(void)
{
    const char *path = getenv("ALLOC_COUNT_FILE");
    void *shared = MAP_FAILED;
    int fd = path && is_ready() ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0 && ftruncate(fd, sizeof *counter) == 0)
        shared = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    if (shared == MAP_FAILED) abort(); /* a missing file could look like a count of 0 */
    counter = shared;
    __atomic_add_fetch(counter, early, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    count();
    return is_ready() ? libc.malloc(size) : lobby_allocate(size);
}

void *calloc(size_t number, size_t size)
{
    count();
    if (is_ready()) return libc.calloc(number, size);
    return size == 0 || number <= sizeof lobby / size ? lobby_allocate(number * size) : NULL;
}

void *realloc(void *memory, size_t size)
{
    count();
    if (!is_in_lobby(memory)) return is_ready() ? libc.realloc(memory, size) : lobby_allocate(size);
    void *copy = is_ready() ? libc.malloc(size) : lobby_allocate(size);
    size_t old = (size_t)(lobby + sizeof lobby - (char *)memory); /* the old size is at most this number */
    if (copy) memcpy(copy, memory, size < old ? size : old);
    return copy;
}

void *memalign(size_t alignment, size_t size)
{
    count();
    return is_ready() ? libc.memalign(alignment, size) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    void *aligned = memalign(alignment, size);
    if (!aligned) return ENOMEM;
    *memory = aligned;
    return 0;
}

void free(void *memory)
{
    if (memory && !is_in_lobby(memory) && is_ready()) libc.free(memory);
}
