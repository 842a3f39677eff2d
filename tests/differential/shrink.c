/* SPDX-License-Identifier: MIT */
/*
 * Shortens a program that fails, by delta debugging: removes halves of the program first, then smaller parts, and then
 * single steps. Ends when each remaining step is necessary for the failure.
 */
#include "shrink.h"

#include <string.h>

static void without(sequence *shorter, const sequence *program, size_t at, size_t length)
{
    *shorter = *program;
    memmove(shorter->steps + at, program->steps + at + length, (program->length - at - length) * sizeof(operation));
    shorter->length = program->length - length;
}

void shrink(sequence *program, bool (*fails)(const sequence *program, void *context), void *context)
{
    sequence shorter;
    size_t piece = (program->length + 1) / 2;
    while (piece > 0) {
        bool some_went = false;
        for (size_t at = 0; at + piece <= program->length;) {
            without(&shorter, program, at, piece);
            if (fails(&shorter, context)) {
                *program = shorter;
                some_went = true;
            } else {
                at += piece;
            }
        }
        if (piece > 1) {
            piece /= 2;
        } else if (!some_went) {
            piece = 0;
        }
    }
}
