/* SPDX-License-Identifier: MIT */
#include "protocol.h"

#include <stdbool.h>
#include <string.h>

static size_t copy(char *answer, const char *text)
{
    size_t length = strlen(text);
    memcpy(answer, text, length);
    return length;
}

/* ---- bytes that are encoded as %XX ---- */

static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *place = digit != '\0' ? strchr(digits, digit) : NULL;
    return place != NULL ? (int)((place - digits) % 16) : -1;
}

/* Decodes each %XX. The decoded text is never longer than `text`, so it replaces `text` in place. Returns false if a
 * %XX is malformed. Also returns false if a %XX stands for a null byte, because no key contains a null byte. */
static bool decode(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++) {
        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        int high = digit_value(text[1]);
        int low = high >= 0 ? digit_value(text[2]) : -1;
        if (low < 0 || high + low == 0) return false;
        *to++ = (char)(high * 16 + low);
        text += 2;
    }
    *to = '\0';
    return true;
}

static size_t encode(char *answer, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = answer;
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte > ' ' && byte < 0x7f && byte != '%') {
            *to++ = *value;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    return (size_t)(to - answer);
}

/* ---- requests ---- */

static size_t answer_get(const struct table *table, char *key, char *answer)
{
    if (*key == '\0' || strchr(key, ' ') != NULL || !decode(key)) return copy(answer, "400 malformed key\n");
    const char *value = table_find(table, key);
    if (value == NULL) return copy(answer, "500 not found\n");
    size_t length = copy(answer, "200 ");
    length += encode(answer + length, value);
    answer[length++] = '\n';
    return length;
}

size_t protocol_answer(const struct table *table, char *request, size_t length, char *answer)
{
    if (strlen(request) == length) {
        if (strncmp(request, "get ", 4) == 0) return answer_get(table, request + 4, answer);
        if (strncmp(request, "put ", 4) == 0) return copy(answer, "500 this table is not changed by requests\n");
    }
    return copy(answer, "400 unknown request\n");
}

size_t protocol_refuse_long(char *answer)
{
    return copy(answer, "400 request too long\n");
}
