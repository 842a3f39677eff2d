/* SPDX-License-Identifier: MIT */
/*
 * lookupd: a daemon that answers lookups of Postfix with the protocol tcp_table(5). The keys and values come from a
 * text file. You can copy the whole daemon. lookupd.8 is its manual page, and lookupd.service and lookupd.socket are
 * its units.
 *
 *     log.c         writes messages to a terminal or to the journal
 *     privileges.c  gives up the rights of root
 *     table.c       reads the text file, and finds keys
 *     protocol.c    turns a request into an answer
 *     listeners.c   opens TCP and Unix sockets, or takes them over from the service manager
 *     client.c      serves one connection, with bounded memory and in bounded turns
 *     server.c      runs the event loop: connections, signals, deadlines and the watchdog
 *     lookupd.c     parses the options and starts the daemon
 *
 * The files *.cc and *.hpp contain lookupd in C++. Both versions use log.c and privileges.c.
 */
#define _POSIX_C_SOURCE 200809L /* for sigaction in a strict C11 compilation */
#include "log.h"
#include "privileges.h"
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define SECOND INT64_C(1000000000)
#define OTHER_DESCRIPTORS (LISTENERS_MAX + 16) /* descriptors that are not for clients */

struct options {
    const char *table;
    const char *user;
    struct server_limits limits;
    struct endpoint endpoints[LISTENERS_MAX];
    size_t endpoint_count;
};

/* ---- the command line ---- */

static void print_help(void)
{
    puts("usage: lookupd [OPTION]... TABLE\n"
         "Answers Postfix's tcp_table(5) from a file of lines \"key value\".\n"
         "SIGHUP reads it again; SIGTERM and SIGINT stop the server gracefully.\n"
         "\n"
         "  --listen ADDRESS:PORT  listen on TCP; port 0 takes a free one\n"
         "  --unix PATH            listen on a Unix socket\n"
         "                         both can be given several times, and are not used\n"
         "                         where the service manager passes sockets\n"
         "  --user NAME            become this user, once the sockets are open\n"
         "  --max-connections N    clients at a time; more wait in the backlog (1000)\n"
         "  --idle-timeout S       seconds for a request and its answer (300)\n"
         "  --drain-timeout S      seconds for the last ones when it stops (20)\n"
         "  --help                 print this and exit\n"
         "  --version              print the version and exit");
}

static bool parse_number(const char *text, unsigned long maximum, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *value >= 1 && *value <= maximum) return true;
    fprintf(stderr, "lookupd: not a number from 1 to %lu: %s\n", maximum, text);
    return false;
}

static bool parse_seconds(const char *text, int64_t *nanoseconds)
{
    unsigned long seconds;
    if (!parse_number(text, 86400, &seconds)) return false;
    *nanoseconds = (int64_t)seconds * SECOND;
    return true;
}

static bool parse_endpoint(struct options *options, enum transport transport)
{
    if (options->endpoint_count == LISTENERS_MAX) {
        fprintf(stderr, "lookupd: more than %d listeners\n", LISTENERS_MAX);
        return false;
    }
    options->endpoints[options->endpoint_count++] = (struct endpoint){transport, optarg};
    return true;
}

static bool parse_option(struct options *options, int option)
{
    unsigned long number;
    switch (option) {
    case 'l':
        return parse_endpoint(options, TRANSPORT_TCP);
    case 'x':
        return parse_endpoint(options, TRANSPORT_UNIX);
    case 'u':
        options->user = optarg;
        return true;
    case 'm':
        if (!parse_number(optarg, 1000000, &number)) return false;
        options->limits.connections = (uint32_t)number;
        return true;
    case 'i':
        return parse_seconds(optarg, &options->limits.idle);
    case 'd':
        return parse_seconds(optarg, &options->limits.drain);
    default:
        return false; /* getopt_long has printed the reason */
    }
}

/* Returns the exit status if the program must end, or -1 if the program continues. */
static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {{"listen", required_argument, NULL, 'l'},
                                          {"unix", required_argument, NULL, 'x'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"max-connections", required_argument, NULL, 'm'},
                                          {"idle-timeout", required_argument, NULL, 'i'},
                                          {"drain-timeout", required_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (option == 'v') {
            printf("lookupd of mio %s\n", mio_version_string());
            return EXIT_SUCCESS;
        }
        if (!parse_option(options, option)) return 2;
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "lookupd: one table is needed, see --help\n");
        return 2;
    }
    options->table = argv[optind];
    return -1;
}

/* ---- the start ---- */

/* Ignores SIGPIPE. The functions of mio raise no SIGPIPE. But if standard error is a pipe without a reader, writing a
 * message raises SIGPIPE. */
static int ignore_sigpipe(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGPIPE, &action, NULL) < 0 ? log_error(-errno, "cannot ignore SIGPIPE") : 0;
}

/* Raises the process's limit of open descriptors. If the limit stays too low, the function prints a warning, because
 * the server will then turn clients away. */
static void allow_descriptors(uint32_t connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
        log_line(LOG_WARNING, "%" PRIu32 " clients may need %ju descriptors, more than are allowed", connections,
                 (uintmax_t)wanted);
}

/* Runs the daemon. The function changes the user before it reads the table. So if the new user has no permission to
 * read the table, the daemon fails at its start, and not at a later reload. */
static int run(struct server *server, const struct options *options)
{
    allow_descriptors(options->limits.connections);
    int result = ignore_sigpipe();
    if (result == 0) result = server_open(server, &options->limits);
    if (result == 0) result = listeners_open(&server->listeners, options->endpoints, options->endpoint_count);
    if (result == 0 && options->user != NULL) result = drop_privileges(options->user);
    if (result == 0) result = server_load(server, options->table);
    if (result == 0) result = server_run(server);
    server_close(server);
    return result;
}

int main(int argc, char **argv)
{
    log_open();
    struct options options = {.limits = {.connections = 1000, .idle = 300 * SECOND, .drain = 20 * SECOND}};
    int status = parse_options(&options, argc, argv);
    if (status >= 0) return status;
    struct server server = {0};
    return run(&server, &options) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
