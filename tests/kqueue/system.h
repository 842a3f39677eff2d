/* SPDX-License-Identifier: MIT */
/*
 * The system that script.c asks: this one. To ask another, such as a kernel in a process, compile script.c alone, and
 * name a file with the calls, constants and types of the other system:
 *     cc -DSCRIPT_SYSTEM='"other.h"' script.c ...
 */
#include <sys/types.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

/* How a system call is named. */
#define SYS(call) call
