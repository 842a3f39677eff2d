// SPDX-License-Identifier: MIT
// Tests the names of Unix addresses: paths, abstract names, the texts of paths and abstract names, and addresses that a
// system call has truncated. The first byte of the input selects the check.
#include "fuzz.hpp"
#include "unix/addresses.hpp"

#include <ctype.h>
#include <errno.h>
#include <mio/addr.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

constexpr size_t name_offset = offsetof(sockaddr_un, sun_path);
constexpr size_t name_capacity = sizeof(sockaddr_un::sun_path);

// Only Linux has abstract names.
#ifdef __linux__
constexpr bool has_abstract_names = true;
#else
constexpr bool has_abstract_names = false;
#endif

std::string format(const mio_addr &addr)
{
    return fuzz::text_of(MIO_ADDR_TEXT_SIZE,
                         [&](char *text, size_t size) { return mio_addr_format(&addr, text, size); });
}

// ---- the expected text, written and read without the library --------------------------------------------------------

bool is_plain(char byte)
{
    return byte >= ' ' && byte <= '~' && byte != '\\';
}

// Returns the text that the library must write for `name`. An abstract name begins with a null byte.
std::string wanted_text(const std::string &name)
{
    if (name.empty()) return "unnamed";
    if (name[0] == '/') return name;
    if (name[0] != '\0') return "./" + name;
    std::string text = "@";
    for (const char byte : name.substr(1)) {
        char escape[8];
        (void)snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        text += is_plain(byte) ? std::string(1, byte) : escape;
    }
    return text;
}

// Reads the text of an abstract name. Returns false if the text has an invalid escape.
bool read_abstract(const std::string &text, std::string *name)
{
    *name = std::string(1, '\0');
    for (size_t i = 1; i < text.size(); i++) {
        const std::string digits = text.substr(i, 4);
        if (text[i] != '\\') {
            *name += text[i];
        } else if (digits.size() == 4 && digits[1] == 'x' && isxdigit(static_cast<unsigned char>(digits[2])) != 0 &&
                   isxdigit(static_cast<unsigned char>(digits[3])) != 0) {
            *name += static_cast<char>(strtoul(digits.c_str() + 2, nullptr, 16));
            i += 3;
        } else {
            return false;
        }
    }
    return true;
}

// ---- properties ----------------------------------------------------------------------------------------------------

// Checks that the native address has the bytes of the name. A path must end with a null byte, unless the path fills
// sun_path.
void check_native(const mio_addr &addr, const std::string &name)
{
    fuzz::Guarded native(sizeof(sockaddr_un));
    const bool has_null = !name.empty() && name[0] != '\0' && name.size() < name_capacity;
    const size_t length = name_offset + name.size() + (has_null ? 1 : 0);
    REQUIRE(mio_addr_to_sockaddr(&addr, native.data(), native.size()) == static_cast<int>(length));
    REQUIRE(memcmp(native.data() + name_offset, name.data(), name.size()) == 0);
    REQUIRE(!has_null || native.data()[length - 1] == '\0');
    REQUIRE(native.is_untouched(length));
}

void check_reading(const mio_addr &addr, const std::string &name)
{
    const auto path = [&](char *text, size_t size) { return mio_addr_unix_path(&addr, text, size); };
    fuzz::Guarded bytes(name.size());
    REQUIRE(mio_addr_is_unnamed(&addr) == (name.empty() ? 1 : 0));
    if (name.empty() || name[0] == '\0') {
        REQUIRE(mio_addr_unix_path(&addr, bytes.data(), bytes.size()) == -EAFNOSUPPORT && bytes.is_untouched());
    } else {
        fuzz::require_like_snprintf(name, path);
    }
    const int length = mio_addr_unix_abstract(&addr, bytes.data(), bytes.size());
    if (name.empty() || name[0] != '\0') {
        REQUIRE(length == -EAFNOSUPPORT && bytes.is_untouched());
        return;
    }
    const std::string abstract = name.substr(1);
    REQUIRE(length == static_cast<int>(abstract.size()));
    REQUIRE(memcmp(bytes.data(), abstract.data(), abstract.size()) == 0);
    if (abstract.empty()) return;
    fuzz::Guarded narrow(abstract.size() - 1);
    REQUIRE(mio_addr_unix_abstract(&addr, narrow.data(), narrow.size()) == -ENOSPC && narrow.is_untouched());
}

void check_address(const mio_addr &addr, const std::string &name)
{
    REQUIRE(mio_addr_family(&addr) == MIO_ADDR_UNIX);
    check_native(addr, name);
    check_reading(addr, name);
    const std::string text = format(addr);
    mio_addr again;
    REQUIRE(text == wanted_text(name));
    REQUIRE(mio_addr_parse(&again, text.c_str()) == 0 && mio_addr_compare(&again, &addr) == 0);
    REQUIRE(mio_addr_hash(&again) == mio_addr_hash(&addr));
}

// Checks mio_addr_from_path. If several error codes apply to a path, each of these codes is correct.
void check_path(const std::string &path)
{
    const fuzz::Exact exact(path);
    fuzz::Output<mio_addr> addr;
    const int result = mio_addr_from_path(addr.get(), exact.data(), path.size());
    const bool is_invalid = path.empty() || path.find('\0') != std::string::npos;
    const bool is_long = path.size() > name_capacity;
    REQUIRE(result == 0 || (result == -EINVAL && is_invalid) || (result == -ENAMETOOLONG && is_long));
    REQUIRE((result == 0) == (!is_invalid && !is_long));
    if (result == 0)
        check_address(*addr, path);
    else
        REQUIRE(addr.is_untouched());
}

void check_abstract(const std::string &name)
{
    const fuzz::Exact exact(name);
    fuzz::Output<mio_addr> addr;
    const int result = mio_addr_from_abstract(addr.get(), exact.data(), name.size());
    const bool is_long = name.size() + 1 > name_capacity;
    REQUIRE(result == (is_long ? -ENAMETOOLONG : has_abstract_names ? 0 : -ENOTSUP));
    if (result == 0)
        check_address(*addr, std::string(1, '\0') + name);
    else
        REQUIRE(addr.is_untouched());
}

void check_text(const std::string &text)
{
    fuzz::Output<mio_addr> addr;
    const fuzz::Exact exact(std::string(text.c_str(), text.size() + 1));
    const int result = mio_addr_parse(addr.get(), exact.data());
    REQUIRE(result == 0 || addr.is_untouched());
    std::string name;
    bool is_valid = true;
    if (text[0] == '@')
        is_valid = read_abstract(text, &name);
    else if (text[0] == '/')
        name = text;
    else if (text.compare(0, 2, "./") == 0)
        name = text.substr(2);
    else if (text != "unnamed")
        return; // the target addr_text checks all other texts
    is_valid = is_valid && (text == "unnamed" || !name.empty());
    const bool is_absent = text[0] == '@' && !has_abstract_names;
    REQUIRE((result == 0) == (is_valid && !is_absent && name.size() <= name_capacity));
    if (result == 0)
        check_address(*addr, name);
    else
        REQUIRE(result == -EINVAL || result == -ENAMETOOLONG || (result == -ENOTSUP && is_absent));
}

// Stores the input in a mio_addr, as a system call such as recvfrom(2) would store an address. Checks that the
// functions of mio read the mio_addr correctly. The stored length can exceed the capacity, and the bytes after the name
// are garbage.
void check_stored(fuzz::Input &input)
{
    using namespace mio::impl;
    const uint8_t length = input.byte();
    const std::string name = input.rest();
    mio_addr addr;
    memset(&addr, 0xee, sizeof addr);
    sockaddr_of(&addr)->sa_family = AF_UNIX;
    memcpy(stored(&addr)->bytes + name_offset, name.data(), std::min(name.size(), name_capacity));
    set_sockaddr_length(&addr, length);
    const size_t known = std::min<size_t>(length, sizeof(sockaddr_un));
    if (known < name_offset) {
        REQUIRE(mio_addr_family(&addr) == MIO_ADDR_NONE && format(addr) == "none");
        return;
    }
    const char *bytes = reinterpret_cast<const char *>(stored(&addr)->bytes);
    std::string wanted(bytes + name_offset, known - name_offset);
    if (!has_abstract_names || wanted.empty() || wanted[0] != '\0')
        wanted.resize(strnlen(wanted.data(), wanted.size()));
    check_reading(addr, wanted);
    REQUIRE(format(addr) == wanted_text(wanted));
    mio_addr again;
    REQUIRE(mio_addr_from_sockaddr(&again, bytes, known) == 0 && mio_addr_compare(&again, &addr) == 0);
    check_address(again, wanted);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    switch (input.byte() % 4) {
    case 0:
        check_path(input.rest());
        break;
    case 1:
        check_abstract(input.rest());
        break;
    case 2:
        check_text(input.rest().c_str()); // the text ends at the first null byte
        break;
    default:
        check_stored(input);
        break;
    }
    return 0;
}
