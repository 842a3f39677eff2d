// SPDX-License-Identifier: MIT
//
// lookupd: a daemon that answers lookups of Postfix with the protocol tcp_table(5). The keys and values come from a
// text file. You can copy the whole daemon. lookupd.8 is its manual page, and lookupd.service and lookupd.socket are
// its units.
//
//     log.c         writes messages to a terminal or to the journal
//     privileges.c  gives up the rights of root
//     table.cc      reads the text file, and finds keys
//     protocol.cc   turns a request into an answer
//     listeners.cc  opens TCP and Unix sockets, or takes them over from the service manager
//     client.cc     serves one connection, with bounded memory and in bounded turns
//     server.cc     runs the event loop: connections, signals, deadlines and the watchdog
//     lookupd.cc    parses the options and starts the daemon
//
// The files *.c and *.h contain lookupd in C. Both versions use log.c and privileges.c.
#include "log.h"
#include "privileges.h"
#include "server.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <getopt.h>
#include <optional>
#include <sys/resource.h>

namespace {

constexpr std::size_t other_descriptors = listeners_max + 16; // descriptors that are not for clients

struct Options {
    std::string table;
    std::optional<std::string> user;
    Limits limits;
    std::vector<Endpoint> endpoints;
};

// ---- the command line ----

void print_help()
{
    std::puts("usage: lookupd [OPTION]... TABLE\n"
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

bool parse_number(const char *text, unsigned long maximum, unsigned long &value)
{
    char *end = nullptr;
    errno = 0;
    value = std::strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= 1 && value <= maximum) return true;
    std::fprintf(stderr, "lookupd: not a number from 1 to %lu: %s\n", maximum, text);
    return false;
}

bool parse_seconds(const char *text, std::chrono::seconds &time)
{
    unsigned long seconds = 0;
    if (!parse_number(text, 86400, seconds)) return false;
    time = std::chrono::seconds(seconds);
    return true;
}

bool parse_endpoint(Options &options, Endpoint::Transport transport)
{
    if (options.endpoints.size() == listeners_max) {
        std::fprintf(stderr, "lookupd: more than %zu listeners\n", listeners_max);
        return false;
    }
    options.endpoints.push_back({transport, optarg});
    return true;
}

bool parse_option(Options &options, int option)
{
    unsigned long number = 0;
    switch (option) {
    case 'l':
        return parse_endpoint(options, Endpoint::Transport::tcp);
    case 'x':
        return parse_endpoint(options, Endpoint::Transport::local);
    case 'u':
        options.user = optarg;
        return true;
    case 'm':
        if (!parse_number(optarg, 1000000, number)) return false;
        options.limits.connections = number;
        return true;
    case 'i':
        return parse_seconds(optarg, options.limits.idle);
    case 'd':
        return parse_seconds(optarg, options.limits.drain);
    default:
        return false; // getopt_long has printed the reason
    }
}

// Returns the exit status if the program must end, or nothing if the program continues.
std::optional<int> parse_options(Options &options, int argc, char **argv)
{
    static const struct option names[] = {{"listen", required_argument, nullptr, 'l'},
                                          {"unix", required_argument, nullptr, 'x'},
                                          {"user", required_argument, nullptr, 'u'},
                                          {"max-connections", required_argument, nullptr, 'm'},
                                          {"idle-timeout", required_argument, nullptr, 'i'},
                                          {"drain-timeout", required_argument, nullptr, 'd'},
                                          {"help", no_argument, nullptr, 'h'},
                                          {"version", no_argument, nullptr, 'v'},
                                          {nullptr, 0, nullptr, 0}};
    int option = 0;
    while ((option = getopt_long(argc, argv, "", names, nullptr)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (option == 'v') {
            std::printf("lookupd of mio %s\n", mio_version_string());
            return EXIT_SUCCESS;
        }
        if (!parse_option(options, option)) return 2;
    }
    if (optind + 1 != argc) {
        std::fprintf(stderr, "lookupd: one table is needed, see --help\n");
        return 2;
    }
    options.table = argv[optind];
    return std::nullopt;
}

// ---- the start ----

// Raises the process's limit of open descriptors. If the limit stays too low, the function prints a warning, because
// the server will then turn clients away.
void allow_descriptors(std::size_t connections)
{
    struct rlimit limit;
    const rlim_t wanted = connections + other_descriptors;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(limit.rlim_max, wanted);
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
        log_line(LOG_WARNING, "%zu clients may need %ju descriptors, more than are allowed", connections,
                 static_cast<std::uintmax_t>(wanted));
}

// Runs the daemon. The function changes the user before it reads the table. So if the new user has no permission to
// read the table, the daemon fails at its start, and not at a later reload.
int run(const Options &options)
{
    std::signal(SIGPIPE, SIG_IGN); // mio raises no SIGPIPE, but writing to standard error can
    allow_descriptors(options.limits.connections);
    Server server(options.limits);
    server.listen(open_listeners(options.endpoints));
    if (options.user && drop_privileges(options.user->c_str()) < 0) return EXIT_FAILURE;
    server.load(options.table);
    server.run();
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv)
{
    log_open();
    try {
        Options options;
        const std::optional<int> status = parse_options(options, argc, argv);
        return status ? *status : run(options);
    } catch (const std::exception &error) {
        log_line(LOG_ERR, "%s", error.what());
        return EXIT_FAILURE;
    }
}
