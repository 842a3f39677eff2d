/* SPDX-License-Identifier: MIT */
/* Gives up the rights of root. The programs in C and in C++ both use this file. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Becomes the user `user` permanently, with the groups of this user and no others. On failure, prints the
 * reason and returns a negative errno value. The process must then end, because the change may be incomplete.
 * */
int drop_privileges(const char *user);

#ifdef __cplusplus
}
#endif

#endif /* PRIVILEGES_H */
