/* SPDX-License-Identifier: MIT */
/* Socket addresses are plain values. The functions of this header do not use the network. */
#ifndef MIO_ADDR_H
#define MIO_ADDR_H

#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * mio_addr: an IPv4 or IPv6 address with its port, or a Unix address. If all bytes of an address are zero, the address
 * means "no address". Copy an address with the operator =. Compare and hash addresses with the functions below, not
 * with memcmp. Since 1.0.
 */
typedef struct mio_addr {
    uint64_t opaque[16];
} mio_addr;

/* The results of mio_addr_family. MIO_ADDR_OTHER stands for every other family. Since 1.0. */
#define MIO_ADDR_NONE 0
#define MIO_ADDR_UNIX 1
#define MIO_ADDR_IPV4 4
#define MIO_ADDR_IPV6 6
#define MIO_ADDR_OTHER 255

/* A buffer of this size holds every text that mio_addr_format writes. For IP addresses, 64 bytes are enough. Since
 * 1.0. */
#define MIO_ADDR_TEXT_SIZE 432

/*
 * Makes an address from its parts. `ip` is in network order. The port, the flow information and the scope (the index of
 * an interface) are in the byte order of the machine. The library applies the scope of every address, even if the
 * address is not link-local. A socket that is bound or connected to an address with a scope uses only the interface of
 * the scope. A datagram to an address with a scope leaves through this interface. If the address of a multicast group
 * has a scope, a socket joins the group on this interface.
 * Safety: threads, signals. Errors: EINVAL. Since 1.0. Uses: RFC 3493.
 */
MIO_API int mio_addr_from_ipv4(mio_addr *addr, const uint8_t ip[4], uint16_t port);
MIO_API int mio_addr_from_ipv6(mio_addr *addr, const uint8_t ip[16], uint16_t port, uint32_t flowinfo,
                               uint32_t scope_id);

/*
 * Makes a Unix address from a path. The path has `length` bytes, and need not end with a null byte. The system resolves
 * a relative path when a socket uses the address.
 * Safety: threads, signals. Errors: EINVAL (null, or a path that is empty or contains a null byte), ENAMETOOLONG (too
 * long for a sockaddr_un, which holds 108 bytes on Linux). Since 1.0. Uses: unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_addr_from_path(mio_addr *addr, const char *path, size_t length);

/*
 * Makes a Unix address from an abstract name. An abstract name has no file, and disappears when the socket with that
 * name is closed. The name has `length` bytes, at most 107, and the bytes may have any value. The null byte that
 * precedes the name in a sockaddr_un is not part of `name`. Every byte of the name counts, so a name with one more null
 * byte at its end is a different name. `name` may be null if `length` is 0.
 * Safety: threads, signals. Errors: EINVAL (null), ENAMETOOLONG, ENOTSUP (only Linux has abstract names). Since 1.0.
 * Uses: unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_addr_from_abstract(mio_addr *addr, const void *name, size_t length);

/* Makes the Unix address that has no name. If the program binds a socket to this address, Linux chooses an abstract
 * name for the socket. Safety: threads, signals. Errors: EINVAL (null). Since 1.0. Uses: unix(7), "Autobind
 * feature". */
MIO_API int mio_addr_unnamed(mio_addr *addr);

/*
 * Reads an IP address with its port, such as "192.0.2.1:80", "[2001:db8::1]:80" or "[fe80::1%eth0]:80". The scope after
 * % is the name or the index of an interface. An IPv4 address must have four decimal octets. Leading zeros in decimal
 * numbers, spaces, host names, and text after the port are errors. The function also reads Unix addresses:
 * "/run/socket", "./socket" for the path "socket", "@name" for an abstract name, and "unnamed". In an abstract name,
 * \xNN stands for the byte with the hexadecimal value NN.
 * Safety: threads. Errors: EINVAL (the text is not an address), ENODATA (an address without its port: "192.0.2.1",
 * "::1", "[::1]"), ERANGE (an octet above 255, a port above 65535, a scope above 2^32-1), ENODEV (no interface of that
 * name), ENAMETOOLONG (an address or a name is too long), ENOTSUP (an abstract name, and the system is not Linux),
 * EMFILE, ENFILE, ENOBUFS, ENOMEM (to look up the name of an interface, the function opens a socket), EACCES, EPERM (a
 * security rule forbids this socket). Since 1.0. Uses: RFC 4291, RFC 4007, if_nametoindex(3).
 */
MIO_API MIO_MUST_CHECK int mio_addr_parse(mio_addr *addr, const char *text);

/* Reads an IP address without a port, such as "192.0.2.1", "2001:db8::1" or "fe80::1%eth0". Sets the port of the
 * address to `port`.
 * Safety: threads. Errors as mio_addr_parse, without ENODATA, ENOTSUP. Since 1.0. */
MIO_API MIO_MUST_CHECK int mio_addr_parse_ip(mio_addr *addr, const char *text, uint16_t port);

/*
 * Writes an address in the form that mio_addr_parse reads. An IPv6 address has the form of RFC 5952, with the index of
 * the interface as its scope. The text does not contain the flow information. A path that does not begin with a slash
 * gets "./" in front. An abstract name gets "@" in front, and its unprintable bytes and backslashes become \xNN. A Unix
 * address without a name becomes "unnamed". If two addresses have the same text, they can differ only in the flow
 * information. If the family is MIO_ADDR_NONE, the text is "none". If the family is MIO_ADDR_OTHER, the text is
 * "other". mio_addr_parse rejects both texts. Like snprintf, the function writes at most `size` bytes, including a
 * final null byte. It returns the length of the whole text, without this null byte. `text` may be null if `size` is 0.
 * Safety: threads, signals. Errors: EINVAL. Since 1.0. Uses: RFC 5952.
 */
MIO_API int mio_addr_format(const mio_addr *addr, char *text, size_t size);

/*
 * Makes an address from a struct sockaddr of `length` bytes. The function ignores all bytes after the end of a struct
 * sockaddr_in or sockaddr_in6, and the null byte that ends the path of a Unix address.
 * Safety: threads, signals. Errors: EINVAL (too short for its family), EAFNOSUPPORT (not AF_INET, AF_INET6 or
 * AF_UNIX), ENAMETOOLONG (the name does not fit into a sockaddr_un). Since 1.0.
 */
MIO_API MIO_MUST_CHECK int mio_addr_from_sockaddr(mio_addr *addr, const void *sockaddr, size_t length);

/* Copies an address to `sockaddr` as a struct sockaddr, and returns the length of this struct. `sockaddr` has space for
 * `capacity` bytes.
 * Safety: threads, signals. Errors: EINVAL (null), ENOSPC (capacity too small), EADDRNOTAVAIL (no address). Since
 * 1.0. */
MIO_API MIO_MUST_CHECK int mio_addr_to_sockaddr(const mio_addr *addr, void *sockaddr, size_t capacity);

/* Returns one of the MIO_ADDR_ constants. For null the result is MIO_ADDR_NONE. Safety: threads, signals. Since 1.0. */
MIO_API int mio_addr_family(const mio_addr *addr);

/* Returns the port, 0 to 65535. Safety: threads, signals. Errors: EINVAL (null), EAFNOSUPPORT (not IPv4 or IPv6). Since
 * 1.0. */
MIO_API int mio_addr_port(const mio_addr *addr);

/* Sets the port. Safety: one thread, signals. Errors: EINVAL (null), EAFNOSUPPORT (not IPv4 or IPv6). Since 1.0. */
MIO_API int mio_addr_set_port(mio_addr *addr, uint16_t port);

/* Copies the bytes of the address, in network order, and returns the number of bytes, 4 or 16. Safety: threads,
 * signals. Errors: EINVAL (null), EAFNOSUPPORT (not IPv4 or IPv6). Since 1.0. */
MIO_API int mio_addr_ip(const mio_addr *addr, uint8_t ip[16]);

/*
 * Copies the path of a Unix address. Like snprintf, the function writes at most `size` bytes, including a final null
 * byte. It returns the length of the whole path, without this null byte. `path` may be null if `size` is 0.
 * Safety: threads, signals. Errors: EINVAL (null), EAFNOSUPPORT (not a Unix address with a path). Since 1.0.
 */
MIO_API int mio_addr_unix_path(const mio_addr *addr, char *path, size_t size);

/* Copies the bytes of an abstract name, without the null byte that precedes the name. Returns the number of bytes, 0 to
 * 107. `name` may be null if `capacity` is 0.
 * Safety: threads, signals. Errors: EINVAL (null), ENOSPC (capacity too small), EAFNOSUPPORT (not a Unix address with
 * an abstract name). Since 1.0. */
MIO_API int mio_addr_unix_abstract(const mio_addr *addr, void *name, size_t capacity);

/* Returns 1 for a Unix address without a name, otherwise 0. Safety: threads, signals. Since 1.0. */
MIO_API int mio_addr_is_unnamed(const mio_addr *addr);

/* These functions return the flow information and the scope of an IPv6 address. For any other family, both functions
 * return 0. Safety: threads, signals. Since 1.0. Uses: RFC 3493. */
MIO_API uint32_t mio_addr_flowinfo(const mio_addr *addr);
MIO_API uint32_t mio_addr_scope_id(const mio_addr *addr);

/* These functions test an address, and return 1 or 0. The function mio_addr_is_unspecified returns 1 for 0.0.0.0 and
 * ::. The function mio_addr_is_loopback returns 1 for 127.0.0.0/8 and ::1. The function mio_addr_is_multicast returns 1
 * for 224.0.0.0/4 and ff00::/8. All three functions return 0 for an IPv4-mapped address, such as ::ffff:127.0.0.1.
 * Safety: threads, signals. Since 1.0. Uses: RFC 4291, RFC 5771. */
MIO_API int mio_addr_is_unspecified(const mio_addr *addr);
MIO_API int mio_addr_is_loopback(const mio_addr *addr);
MIO_API int mio_addr_is_multicast(const mio_addr *addr);

/*
 * These functions convert an address to and from the IPv4-mapped form. For an IPv4 peer, an IPv6 socket uses an
 * IPv4-mapped address, such as ::ffff:192.0.2.1. The function mio_addr_from_mapped converts an IPv4-mapped address to
 * IPv4, and copies an IPv4 address unchanged. The function mio_addr_to_mapped converts an IPv4 address to an
 * IPv4-mapped address, and copies an IPv6 address unchanged. Both arguments may point to the same address.
 * Safety: threads, signals. Errors: EINVAL (null, or an IPv4-mapped address with a scope, because an IPv4 address
 * cannot have a scope), EAFNOSUPPORT (any other address). Since 1.0. Uses: RFC 4291.
 */
MIO_API MIO_MUST_CHECK int mio_addr_from_mapped(mio_addr *addr, const mio_addr *mapped);
MIO_API MIO_MUST_CHECK int mio_addr_to_mapped(const mio_addr *addr, mio_addr *mapped);

/* Compares two addresses by family, then by their bytes, port, scope and flow information. Returns -1 if `left` comes
 * first, 1 if `right` comes first, and 0 if the addresses are equal. A null pointer is equal to an address whose bytes
 * are all zero. Safety: threads, signals. Since 1.0. */
MIO_API int mio_addr_compare(const mio_addr *left, const mio_addr *right);

/* Returns a hash of the parts that mio_addr_compare compares. The hash has no secret key, so do not use it where an
 * attacker can choose the addresses.
 * Safety: threads, signals. Since 1.0. Uses: FNV-1a. */
MIO_API uint64_t mio_addr_hash(const mio_addr *addr);

MIO_END_DECLS

#endif /* MIO_ADDR_H */
