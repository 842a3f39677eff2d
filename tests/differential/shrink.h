/* SPDX-License-Identifier: MIT */
/* Shortening a failing program to the steps that it needs to fail. */
#ifndef MIO_TESTS_SHRINK_H
#define MIO_TESTS_SHRINK_H

#include "program.h"

#include <stdbool.h>

/* `fails` says whether a program fails still; `program` becomes one from which no single step can be taken. */
void shrink(sequence *program, bool (*fails)(const sequence *program, void *context), void *context);

#endif /* MIO_TESTS_SHRINK_H */
