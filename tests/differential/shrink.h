/* SPDX-License-Identifier: MIT */
/* Shortens a failing program to the steps that are needed for the failure. */
#ifndef MIO_TESTS_SHRINK_H
#define MIO_TESTS_SHRINK_H

#include "program.h"

#include <stdbool.h>

/*
 * `fails` returns whether a program still fails. After the call, `program` still fails, and every remaining step is
 * needed for the failure.
 */
void shrink(sequence *program, bool (*fails)(const sequence *program, void *context), void *context);

#endif /* MIO_TESTS_SHRINK_H */
