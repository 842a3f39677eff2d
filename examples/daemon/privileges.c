/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for initgroups */
#include "privileges.h"
#include "log.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

int drop_privileges(const char *user)
{
    errno = 0;
    const struct passwd *account = getpwnam(user);
    if (account == NULL) return log_error(errno != 0 ? -errno : -ENOENT, "cannot find the user %s", user);
    if (account->pw_uid == 0) return log_error(-EINVAL, "%s is no user to give up privileges to", user);
    /* Change the groups before the user, because a process without the rights of root cannot change its groups. */
    if (initgroups(user, account->pw_gid) < 0 || setgid(account->pw_gid) < 0 || setuid(account->pw_uid) < 0)
        return log_error(-errno, "cannot become the user %s", user);
    /* Check that the process cannot become root again. */
    if (setuid(0) == 0 || setgid(0) == 0) return log_error(-EPERM, "the privileges of root came back");
    log_line(LOG_INFO, "running as %s", user);
    return 0;
}
