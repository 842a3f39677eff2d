/* SPDX-License-Identifier: MIT */
/* Gives up the rights of root. The C program and the C++ program share this file. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Changes the process permanently to the user `user` and the groups of this user. On failure, prints the reason and
 * returns a negative errno value. The process must then end, because it may still have some rights of root. */
int drop_privileges(const char *user);

#ifdef __cplusplus
}
#endif

#endif /* PRIVILEGES_H */
