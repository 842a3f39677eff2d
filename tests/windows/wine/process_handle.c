/* SPDX-License-Identifier: MIT */
/* The handle of this process is -1. Wine also treats 0x7fffffff as the handle of this process. */
#include "wine.h"

int main(void)
{
    DWORD flags;
    return shows(GetHandleInformation((HANDLE)(intptr_t)0x7fffffff, &flags));
}
