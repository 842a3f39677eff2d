/* SPDX-License-Identifier: MIT */
/*
 * Fetches many URLs at once in one thread, with mio and the multi-socket interface of libcurl. You can copy the whole
 * program. Usage:
 *
 *     curl_fetch [--timeout MILLISECONDS] URL...
 *
 * After each transfer, the program prints a line with the HTTP status, the number of bytes and the URL. The exit status
 * is 1 if a transfer fails, or if an HTTP status is 400 or higher.
 *
 * Rules for using libcurl with mio:
 *
 *  - Register the sockets with MIO_LEVEL. libcurl can stop reading before EAGAIN. Then an edge-triggered registration
 *    would report no event for the remaining bytes. Some versions of libcurl always read until EAGAIN, but the
 *    documentation does not promise this.
 *  - Deregister a descriptor when libcurl calls the socket callback with CURL_POLL_REMOVE. libcurl makes this call
 *    before it closes the socket. A new socket often gets the descriptor number of a closed socket. To recognise a new
 *    socket, test whether socketp is null.
 *  - Use the descriptor number as the token. While the program handles the first event of a wait, libcurl can close the
 *    socket of the second event. If the tokens were pointers, the pointer in the second event would then dangle. With
 *    the descriptor number, libcurl ignores the event of a closed socket. If a new socket of libcurl has this number,
 *    the late event does no harm: libcurl tries to read or write, and gets EAGAIN.
 *  - Never pass CURL_CSELECT_ERR to libcurl. If this is the only flag, libcurl ends the transfer of the socket, and
 *    does not try to read or write first. If the descriptor number already belongs to a new socket, libcurl would end
 *    the wrong transfer. The flag is not needed: if a socket has an error, mio reports the socket as readable and
 *    writable. libcurl then finds the error when it reads or writes.
 *  - libcurl has one timer, which expires once. In the timer callback, only store the time, because the callback must
 *    not call libcurl. Check the timer after every wait, even if the wait returned events, so that a busy socket cannot
 *    delay the timer. When the timer expires, clear the stored time before you call libcurl, because libcurl may set
 *    the timer again during the call.
 *  - Call curl_multi_cleanup before mio_poll_free, because curl_multi_cleanup can call the socket callback.
 *  - Ignore SIGPIPE, because TLS libraries write without MSG_NOSIGNAL. Also set CURLOPT_NOSIGNAL. Without this option,
 *    each call of libcurl changes the action of SIGPIPE, and restores the action before the call returns. The two
 *    changes take two system calls, and affect the whole process.
 */
#define _POSIX_C_SOURCE 200809L /* for SIGPIPE in a strict C11 compilation */
#include <curl/curl.h>
#include <errno.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_CAPACITY 64
#define MAX_CONNECTIONS 64L /* libcurl delays further transfers, so that free descriptors remain */
#define MAX_REDIRECTIONS 10L
#define DEFAULT_TIMEOUT_MS 30000
#define MAX_TIMEOUT_MS 86400000

struct transfer {
    const char *url;
    CURL *easy; /* null when the transfer has ended */
    int64_t bytes;
    char error[CURL_ERROR_SIZE];
};

struct fetcher {
    mio_poll *poll;
    mio_registry *registry;
    CURLM *multi;
    int64_t due; /* when libcurl's timer expires, on the clock of mio_clock_now */
    struct transfer *transfers;
    int count;
    int open; /* number of transfers that have not ended */
    int failed;
};

static const char usage[] =
    "usage: curl_fetch [--timeout MILLISECONDS] URL...\n"
    "Fetches all URLs at once, and prints the status and the size of each. Shows how mio drives libcurl.\n";

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "curl_fetch: %s: %s\n", what, why);
    return -1;
}

/* ---- callbacks of libcurl ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socketp)
{
    struct fetcher *fetcher = context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        mio_registry_deregister_handle(fetcher->registry, fd);
        return 0;
    }
    uint32_t interest = MIO_LEVEL;
    if (what & CURL_POLL_IN) interest |= MIO_READABLE;
    if (what & CURL_POLL_OUT) interest |= MIO_WRITABLE;
    int result;
    if (socketp == NULL) {
        result = mio_registry_register_handle(fetcher->registry, fd, (uintptr_t)fd, interest);
        if (result == 0)
            curl_multi_assign(fetcher->multi, fd, fetcher); /* from now on, socketp is not null for this socket */
    } else {
        result = mio_registry_reregister_handle(fetcher->registry, fd, (uintptr_t)fd, interest);
    }
    return result < 0 ? fail("cannot watch a socket", strerror(-result))
                      : 0; /* if the callback returns -1, libcurl ends all transfers */
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct fetcher *fetcher = context;
    (void)multi;
    fetcher->due = timeout_ms < 0 ? INT64_MAX : mio_clock_now() + timeout_ms * INT64_C(1000000);
    return 0;
}

/* libcurl calls this function with a part of the body. This program only counts the bytes. If the function returned a
 * number smaller than size * count, libcurl would end the transfer with an error. */
static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    (void)data;
    transfer->bytes += (int64_t)(size * count);
    return size * count;
}

/* ---- transfers ---- */

static int start_transfer(struct fetcher *fetcher, struct transfer *transfer, long timeout_ms)
{
    CURL *easy = transfer->easy = curl_easy_init();
    if (easy == NULL || curl_easy_setopt(easy, CURLOPT_URL, transfer->url) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_MAXREDIRS, MAX_REDIRECTIONS) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) != CURLE_OK)
        return fail(transfer->url, "cannot prepare the transfer");
    CURLMcode code = curl_multi_add_handle(fetcher->multi, easy);
    if (code != CURLM_OK) return fail(transfer->url, curl_multi_strerror(code));
    fetcher->open++;
    return 0;
}

static void end_transfer(struct fetcher *fetcher, struct transfer *transfer)
{
    if (transfer->easy == NULL) return;
    curl_multi_remove_handle(fetcher->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
}

static void report(struct fetcher *fetcher, const struct transfer *transfer, CURLcode code)
{
    long status = 0;
    if (code != CURLE_OK) {
        fail(transfer->url, transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code));
    } else {
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        printf("%ld %lld %s\n", status, (long long)transfer->bytes, transfer->url);
    }
    if (code != CURLE_OK || status >= 400) fetcher->failed++;
}

/* Reports and ends each transfer that libcurl has completed. Reads the message before end_transfer(), because removing
 * the handle also frees the message. */
static void collect_ended(struct fetcher *fetcher)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        char *transfer = NULL; /* curl_easy_getinfo stores the pointer of CURLOPT_PRIVATE as char * */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        report(fetcher, (struct transfer *)(void *)transfer, message->data.result);
        end_transfer(fetcher, (struct transfer *)(void *)transfer);
        fetcher->open--;
    }
}

/* ---- the loop ---- */

static int tell_libcurl(struct fetcher *fetcher, curl_socket_t fd, int bits)
{
    int running;
    CURLMcode code = curl_multi_socket_action(fetcher->multi, fd, bits, &running);
    return code == CURLM_OK ? 0 : fail("libcurl", curl_multi_strerror(code));
}

static int take_event(struct fetcher *fetcher, const mio_event *event)
{
    int bits = 0;
    if (mio_event_is_readable(event)) bits |= CURL_CSELECT_IN;
    if (mio_event_is_writable(event)) bits |= CURL_CSELECT_OUT;
    return tell_libcurl(fetcher, (curl_socket_t)event->token, bits);
}

/* Runs all transfers. When the program adds a transfer, libcurl sets a timer with on_timer(). When this timer expires,
 * the loop calls libcurl for the first time. */
static int run(struct fetcher *fetcher)
{
    mio_event events[EVENT_CAPACITY];
    while (fetcher->open > 0) {
        int count = mio_poll_wait_until(fetcher->poll, events, EVENT_CAPACITY, fetcher->due);
        if (count < 0 && count != -EINTR) return fail("cannot wait for events", strerror(-count));
        int result = 0;
        for (int i = 0; i < count && result == 0; i++)
            result = take_event(fetcher, &events[i]);
        if (result == 0 && fetcher->due <= mio_clock_now()) {
            fetcher->due = INT64_MAX;
            result = tell_libcurl(fetcher, CURL_SOCKET_TIMEOUT, 0);
        }
        if (result < 0) return result;
        collect_ended(fetcher);
    }
    return 0;
}

/* ---- start and end ---- */

static int open_fetcher(struct fetcher *fetcher, char **urls, long timeout_ms)
{
    int result = mio_poll_new(&fetcher->poll, NULL);
    if (result < 0) return fail("cannot make a poll object, of MIO_BACKEND if set", strerror(-result));
    fetcher->registry = mio_poll_registry(fetcher->poll);
    fetcher->due = INT64_MAX;
    fetcher->transfers = calloc((size_t)fetcher->count, sizeof *fetcher->transfers);
    fetcher->multi = curl_multi_init();
    if (fetcher->transfers == NULL || fetcher->multi == NULL ||
        curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
        curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher) != CURLM_OK ||
        curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
        curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher) != CURLM_OK ||
        curl_multi_setopt(fetcher->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, MAX_CONNECTIONS) != CURLM_OK)
        return fail("libcurl", "cannot be set up");
    for (int i = 0; i < fetcher->count; i++) {
        fetcher->transfers[i].url = urls[i];
        if (start_transfer(fetcher, &fetcher->transfers[i], timeout_ms) < 0) return -1;
    }
    return 0;
}

/* Frees a fetcher. The fetcher can be partly open, after a failure of open_fetcher(). */
static void close_fetcher(struct fetcher *fetcher)
{
    for (int i = 0; fetcher->transfers != NULL && i < fetcher->count; i++)
        end_transfer(fetcher, &fetcher->transfers[i]);
    curl_multi_cleanup(fetcher->multi);
    free(fetcher->transfers);
    mio_poll_free(fetcher->poll);
}

/* Returns the number of milliseconds in `text`. If the text is not a number from 1 to MAX_TIMEOUT_MS, prints an error
 * and returns 0. */
static long parse_timeout(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == '\0' && value > 0 && value <= MAX_TIMEOUT_MS) return value;
    fprintf(stderr, "curl_fetch: not a number of milliseconds: %s\n", text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    long timeout_ms = DEFAULT_TIMEOUT_MS;
    char **urls = argv + 1;
    if (argc > 2 && strcmp(argv[1], "--timeout") == 0) {
        timeout_ms = parse_timeout(argv[2]);
        urls += 2;
    }
    struct fetcher fetcher = {.count = (int)(argv + argc - urls)};
    bool wrong = fetcher.count > 0 && urls[0][0] == '-';
    if (wrong) fprintf(stderr, "curl_fetch: not an option with a value: %s\n", urls[0]);
    if (wrong || fetcher.count < 1 || timeout_ms == 0) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    /* curl_global_init must run before a program starts threads. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return EXIT_FAILURE;
    int result = open_fetcher(&fetcher, urls, timeout_ms);
    if (result == 0) result = run(&fetcher);
    close_fetcher(&fetcher);
    curl_global_cleanup();
    return result == 0 && fetcher.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
