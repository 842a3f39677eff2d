// SPDX-License-Identifier: MIT
#include "windows/pipe_name.hpp"

#include <errno.h>
#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

namespace {

bool is_separator(wchar_t unit)
{
    return unit == L'\\' || unit == L'/';
}

// Returns whether the text begins with the word. `word` is in lower case, and the comparison ignores the case of ASCII
// letters.
bool begins_with(const wchar_t *text, const wchar_t *word)
{
    for (; *word != 0; text++, word++) {
        const wchar_t lower = *text >= L'A' && *text <= L'Z' ? static_cast<wchar_t>(*text - L'A' + L'a') : *text;
        if (lower != *word) return false;
    }
    return true;
}

// The name of a pipe has the form \\HOST\pipe\NAME. `text` is the part after the two backslashes. Returns the text
// after HOST, or null if HOST is not valid.
const wchar_t *skip_host(const wchar_t *text, bool local)
{
    if (local) return text[0] == L'.' ? text + 1 : nullptr;
    const wchar_t *end = text;
    while (*end != 0 && !is_separator(*end))
        end++;
    return end != text ? end : nullptr;
}

// True for a valid NAME. Windows would resolve "." and "..", so NAME must not be one of these. NAME must not contain a
// separator.
bool is_plain_name(const wchar_t *name)
{
    if (name[0] == 0 || (name[0] == L'.' && (name[1] == 0 || (name[1] == L'.' && name[2] == 0)))) return false;
    while (*name != 0 && !is_separator(*name))
        name++;
    return *name == 0;
}

bool is_pipe_name(const wchar_t *name, bool local)
{
    if (!begins_with(name, L"\\\\")) return false;
    const wchar_t *rest = skip_host(name + 2, local);
    constexpr wchar_t folder[] = L"\\pipe\\";
    constexpr size_t folder_length = sizeof folder / sizeof *folder - 1;
    return rest != nullptr && begins_with(rest, folder) && is_plain_name(rest + folder_length);
}

} // namespace

int convert_pipe_name(const char *name, bool local, wchar_t (&converted)[most_name_units])
{
    const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, converted, most_name_units);
    return length != 0 && is_pipe_name(converted, local) ? 0 : -EINVAL;
}

} // namespace mio::impl
