// SPDX-License-Identifier: MIT
// Reads and writes the text of a Unix address, which has this form:
//
//     unix = "unnamed" | "@" { byte | "\x" hex hex } | "/" path | "./" path
//
// The text of a path without a leading slash begins with "./". So no path looks like another kind of address. The path
// "a" has the text "./a", and the path "./a" has the text "././a".
#include "core/unix_text.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

constexpr char unnamed_text[] = "unnamed";
constexpr char relative_mark[] = "./";
constexpr size_t relative_mark_length = sizeof relative_mark - 1;

bool is_relative(const char *text)
{
    return strncmp(text, relative_mark, relative_mark_length) == 0;
}

// Reads one byte of an abstract name, in plain form or as \xNN, and advances *text past the byte.
bool read_abstract_byte(const char **text, uint8_t *byte)
{
    const char *at = *text;
    if (at[0] != '\\') {
        *byte = static_cast<uint8_t>(at[0]);
        *text = at + 1;
        return true;
    }
    if (at[1] != 'x' || hex_value(at[2]) > 15 || hex_value(at[3]) > 15) return false;
    *byte = static_cast<uint8_t>(hex_value(at[2]) << 4 | hex_value(at[3]));
    *text = at + 4;
    return true;
}

int parse_abstract_name(UnixName *name, size_t *length, const char *text)
{
    name->bytes[0] = '\0';
    for (*length = 1; *text != '\0'; ++*length) {
        if (*length == sizeof name->bytes) return -ENAMETOOLONG;
        if (!read_abstract_byte(&text, &name->bytes[*length])) return -EINVAL;
    }
    return 0;
}

int parse_path(UnixName *name, size_t *length, const char *path)
{
    *length = strnlen(path, sizeof name->bytes + 1);
    const int wrong = check_path(path, *length);
    if (wrong == 0) memcpy(name->bytes, path, *length);
    return wrong;
}

// Writes an abstract name, which may contain any byte. The function escapes the backslash as well, so that no two names
// have the same text.
void format_abstract_name(TextWriter *out, const uint8_t *name, size_t length)
{
    out->append('@');
    for (size_t i = 0; i < length; ++i) {
        if (name[i] >= ' ' && name[i] < 0x7f && name[i] != '\\') {
            out->append(static_cast<char>(name[i]));
        } else {
            out->append("\\x");
            out->append_hex(name[i], 2);
        }
    }
}

void format_path(TextWriter *out, const uint8_t *path, size_t length)
{
    if (path[0] != '/') out->append(relative_mark);
    for (size_t i = 0; i < length; ++i)
        out->append(static_cast<char>(path[i]));
}

} // namespace

bool is_unix_text(const char *text)
{
    return text[0] == '@' || text[0] == '/' || is_relative(text) || strcmp(text, unnamed_text) == 0;
}

int parse_unix(Endpoint *endpoint, UnixName *name, const char *text)
{
    size_t length = 0;
    int wrong = 0;
    if (text[0] == '@') {
        wrong = parse_abstract_name(name, &length, text + 1);
    } else if (text[0] == '/' || is_relative(text)) {
        wrong = parse_path(name, &length, text[0] == '/' ? text : text + relative_mark_length);
    } else if (strcmp(text, unnamed_text) != 0) {
        wrong = -EINVAL;
    }
    if (wrong == 0) *endpoint = {.family = MIO_ADDR_UNIX, .name = name->bytes, .name_length = length};
    return wrong;
}

void format_unix_name(TextWriter *out, const uint8_t *name, size_t length)
{
    if (length == 0) {
        out->append(unnamed_text);
    } else if (name[0] == '\0') {
        format_abstract_name(out, name + 1, length - 1);
    } else {
        format_path(out, name, length);
    }
}

} // namespace mio::impl
