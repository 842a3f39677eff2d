/* SPDX-License-Identifier: MIT */
/* The handle of this process is -1. Wine also takes 0x7fffffff for the handle of this process. */
#include "wine.h"

int main(void)
{
    DWORD flags;
    return shows(GetHandleInformation((HANDLE)(intptr_t)0x7fffffff, &flags));
}
