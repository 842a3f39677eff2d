/* SPDX-License-Identifier: MIT */
/* Giving up the rights of root; both programs use it. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Becomes that user for good, with the user's groups and no others. A negative errno value, said already: the process
 * must end, as it may be half of each. */
int drop_privileges(const char *user);

#ifdef __cplusplus
}
#endif

#endif /* PRIVILEGES_H */
