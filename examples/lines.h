/* SPDX-License-Identifier: MIT */
/*
 * Functions that split a stream of bytes into lines. You can copy this file into a program in C or C++. The program
 * provides the buffer, and the functions allocate no memory. mio_lines(7) has a complete program.
 *
 *     lines_init(&client->lines, client->bytes, sizeof client->bytes);
 *     ...
 *     count = mio_stream_read(stream, lines_space(&client->lines), lines_room(&client->lines));
 *     if (count > 0) lines_add(&client->lines, (size_t)count);
 *     while (lines_take(&client->lines, &line))
 *         handle(line.text, line.length);
 *     if (count == 0 && lines_rest(&client->lines, &line)) handle(line.text, line.length);
 *
 * Make the buffer large enough for the longest line, its newline and a null. If a line does not fit into the buffer,
 * lines_take returns the line in several parts. Before you read again, call lines_take until it returns false. The
 * buffer then has space for at least one byte.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct lines {
    char *bytes;
    size_t size;
    size_t begin; /* the bytes from begin to end have arrived, but lines_take has not returned them yet */
    size_t end;
    bool cut; /* lines_take has returned a part of a line, but not yet the end of this line */
};

struct line {
    char *text;     /* the line without its newline; a null follows */
    size_t length;  /* number of bytes before this null; a line can contain other null bytes */
    bool continues; /* the text continues the line that the previous call returned in part */
    bool too_long;  /* the line does not fit into the buffer, and the next call returns more of it */
};

/* Prepares `lines` for a new stream. `bytes` is a buffer of `size` bytes. `size` is at least 2. The buffer must stay
 * valid as long as the program uses `lines`. */
static inline void lines_init(struct lines *lines, char *bytes, size_t size)
{
    lines->bytes = bytes;
    lines->size = size;
    lines->begin = lines->end = 0;
    lines->cut = false;
}

/* Returns the address at which the program must store the next bytes of the stream. If lines_take has not returned all
 * bytes yet, the function moves the remaining bytes to the front of the buffer. The text of all earlier lines
 * becomes invalid. */
static inline char *lines_space(struct lines *lines)
{
    lines->end -= lines->begin;
    memmove(lines->bytes, lines->bytes + lines->begin, lines->end);
    lines->begin = 0;
    return lines->bytes + lines->end;
}

/* Returns how many bytes the program can store at the address that lines_space returns. */
static inline size_t lines_room(const struct lines *lines)
{
    return lines->size - 1 - (lines->end - lines->begin);
}

/* Call this function after the program has stored `count` bytes at the address that lines_space returned. */
static inline void lines_add(struct lines *lines, size_t count)
{
    lines->end += count;
}

/* Returns whether lines_take has returned all bytes that have arrived. */
static inline bool lines_is_empty(const struct lines *lines)
{
    return lines->begin == lines->end;
}

static inline void lines_cut(struct lines *lines, struct line *line, size_t length, bool too_long)
{
    line->text = lines->bytes + lines->begin;
    line->text[length] = '\0';
    line->length = length;
    line->continues = lines->cut;
    line->too_long = lines->cut = too_long;
    lines->begin += length;
}

/* Stores the next line in *line and returns true. Returns false if the end of the line has not arrived and the buffer
 * still has space. The text is valid until the next call of lines_space. */
static inline bool lines_take(struct lines *lines, struct line *line)
{
    const char *text = lines->bytes + lines->begin;
    size_t filled = lines->end - lines->begin;
    size_t length = 0;
    while (length < filled && text[length] != '\n')
        length++;
    bool found = length < filled;
    if (!found && filled < lines->size - 1) return false;
    lines_cut(lines, line, length, !found);
    if (found) lines->begin++;
    return true;
}

/* Call this function once, at the end of the stream. If the last line has no newline, stores this line in *line and
 * returns true. Otherwise returns false. If lines_take has already returned a part of the line, *line contains only the
 * rest. The rest can be empty. */
static inline bool lines_rest(struct lines *lines, struct line *line)
{
    if (lines_is_empty(lines) && !lines->cut) return false;
    lines_cut(lines, line, lines->end - lines->begin, false);
    return true;
}

#endif /* LINES_H */
