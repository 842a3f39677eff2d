/* SPDX-License-Identifier: MIT */
/*
 * Code to copy: splits a stream of bytes into lines, in a buffer of the program. The code allocates nothing, and is for
 * C and C++. mio_lines(7) has a complete program.
 *
 *     lines_init(&client->lines, client->bytes, sizeof client->bytes);
 *     ...
 *     count = mio_stream_read(stream, lines_space(&client->lines), lines_room(&client->lines));
 *     if (count > 0) lines_add(&client->lines, (size_t)count);
 *     while (lines_take(&client->lines, &line))
 *         handle(line.text, line.length);
 *     if (count == 0 && lines_rest(&client->lines, &line)) handle(line.text, line.length);
 *
 * The buffer must have room for the longest line, its newline and a null. lines_take returns a longer line in parts.
 * Before you read again, call lines_take until it returns false. Then there is room for at least one byte.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct lines {
    char *bytes;
    size_t size;
    size_t begin; /* bytes[begin..end) have arrived, and no call has returned them yet */
    size_t end;
    bool cut; /* the latest text that a call has returned is only a part of its line */
};

struct line {
    char *text;     /* without the newline; a null follows */
    size_t length;  /* a line can contain null bytes */
    bool continues; /* the text continues the line of the previous struct */
    bool too_long;  /* the text is only a part of its line, and the next struct continues the line */
};

/* Prepares `lines` for a new stream. The buffer `bytes` has `size` bytes, at least 2. */
static inline void lines_init(struct lines *lines, char *bytes, size_t size)
{
    lines->bytes = bytes;
    lines->size = size;
    lines->begin = lines->end = 0;
    lines->cut = false;
}

/* Returns the address to which the program reads the next bytes. The function moves an unfinished line to the front of
 * the buffer, so the text of earlier lines is lost. */
static inline char *lines_space(struct lines *lines)
{
    lines->end -= lines->begin;
    memmove(lines->bytes, lines->bytes + lines->begin, lines->end);
    lines->begin = 0;
    return lines->bytes + lines->end;
}

/* Returns the number of bytes that the program can read to the address of lines_space. */
static inline size_t lines_room(const struct lines *lines)
{
    return lines->size - 1 - (lines->end - lines->begin);
}

/* Adds `count` bytes that the program has read to the address of lines_space. */
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

/* Stores the next line in *line. Returns false if the rest of the line has not arrived. The text is valid until the
 * next call of lines_space. */
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

/* Call this function at the end of the stream. If the last line has no newline, stores the rest of this line in *line.
 * Returns false if there is no such line. After a part of a line that is too long, the rest can be empty. */
static inline bool lines_rest(struct lines *lines, struct line *line)
{
    if (lines_is_empty(lines) && !lines->cut) return false;
    lines_cut(lines, line, lines->end - lines->begin, false);
    return true;
}

#endif /* LINES_H */
