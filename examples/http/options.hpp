// SPDX-License-Identifier: MIT
//
// Parses the command line of http_hello.
#ifndef HTTP_OPTIONS_HPP
#define HTTP_OPTIONS_HPP

#include "connection.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <getopt.h>

namespace http_hello {

struct Options {
    const char *address = "127.0.0.1";
    std::uint16_t port = 13280;
    std::size_t max_connections = 1024;
    unsigned long workers = 1;
    std::chrono::seconds timeout{10};
};

inline void print_help()
{
    std::puts("usage: http_hello [OPTION]...\n"
              "Answers \"Hello, world\" to GET and HEAD of /, until SIGTERM or SIGINT.\n"
              "\n"
              "  --address IP         listen on this address (127.0.0.1)\n"
              "  --port N             listen on this port; 0 takes a free one (13280)\n"
              "  --workers N          threads that share the port (1)\n"
              "  --max-connections N  connections of each worker; more wait in the backlog (1024)\n"
              "  --timeout SECONDS    for each request and its answer (10)\n"
              "  --help               print this and exit");
}

// Returns the number in `text`. If the text is not a number from `minimum` to `maximum`, prints an error and ends the
// program.
inline unsigned long number(const char *text, unsigned long minimum, unsigned long maximum)
{
    char *end = nullptr;
    errno = 0;
    const unsigned long value = std::strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= minimum && value <= maximum)
        return value;
    std::fprintf(stderr, "http_hello: not a number in range: %s\n", text);
    std::exit(2);
}

inline Options parse_options(int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, nullptr, 'a'},
                                          {"port", required_argument, nullptr, 'p'},
                                          {"workers", required_argument, nullptr, 'w'},
                                          {"max-connections", required_argument, nullptr, 'm'},
                                          {"timeout", required_argument, nullptr, 't'},
                                          {"help", no_argument, nullptr, 'h'},
                                          {nullptr, 0, nullptr, 0}};
    Options options;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", names, nullptr)) != -1) {
        switch (option) {
        case 'a':
            options.address = optarg;
            break;
        case 'p':
            options.port = static_cast<std::uint16_t>(number(optarg, 0, 65535));
            break;
        case 'w':
            options.workers = number(optarg, 1, 256);
            break;
        case 'm':
            options.max_connections = number(optarg, 1, max_connections_limit);
            break;
        case 't':
            options.timeout = std::chrono::seconds(number(optarg, 1, 86400));
            break;
        case 'h':
            print_help();
            std::exit(EXIT_SUCCESS);
        default:
            std::exit(2); // getopt_long has printed the reason
        }
    }
    if (optind == argc) return options;
    std::fprintf(stderr, "http_hello: unexpected argument: %s\n", argv[optind]);
    std::exit(2);
}

} // namespace http_hello

#endif // HTTP_OPTIONS_HPP
