/* SPDX-License-Identifier: MIT */
/*
 * Includes the system headers that script.c needs. Usually script.c tests the system on which it runs, and includes
 * this file. To test another system, such as a kernel that runs inside a process, compile script.c without this file.
 * Set SCRIPT_SYSTEM to the name of a header that declares the calls, constants and types of that system:
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

/* script.c writes a system call x as SYS(x). Here SYS(x) is the function x of libc. */
#define SYS(call) call
