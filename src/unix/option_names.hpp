// SPDX-License-Identifier: MIT
// Names of options and of control messages that some systems lack. A name that a system lacks has the value `absent`.
// If a system has an option of the same name but with another effect, the value is `absent` as well.
#pragma once

#include "core/base.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace mio::impl {

constexpr int absent = -1;

// With the option name_reuse_port, several sockets can bind to one port. The system distributes the connections and
// datagrams among these sockets. Some systems have a similar option, but give everything to the first or the last
// socket. For these systems name_reuse_port has the value `absent`.
#if defined(SO_REUSEPORT_LB)
constexpr int name_reuse_port = SO_REUSEPORT_LB;
#elif defined(__linux__) || defined(__DragonFly__)
constexpr int name_reuse_port = SO_REUSEPORT;
#else
constexpr int name_reuse_port = absent;
#endif

// These options make the kernel report the destination of each received IPv4 datagram. IP_PKTINFO reports the address
// and the interface. Systems without IP_PKTINFO have one option for the address and one for the interface.
#if defined(IP_PKTINFO)
constexpr int name_destination = IP_PKTINFO;
constexpr int name_interface = absent;
#elif defined(IP_RECVDSTADDR) && defined(IP_RECVIF)
constexpr int name_destination = IP_RECVDSTADDR;
constexpr int name_interface = IP_RECVIF;
#else
constexpr int name_destination = absent;
constexpr int name_interface = absent;
#endif

// With the option name_credentials, the kernel adds the sender's credentials to each message. LOCAL_CREDS of NetBSD is
// not suitable: on a stream it adds credentials only to the first message.
#if defined(SO_PASSCRED)
constexpr int level_credentials = SOL_SOCKET;
constexpr int name_credentials = SO_PASSCRED;
#elif defined(LOCAL_CREDS_PERSISTENT)
constexpr int level_credentials = 0; // SOL_LOCAL of FreeBSD
constexpr int name_credentials = LOCAL_CREDS_PERSISTENT;
#else
constexpr int level_credentials = SOL_SOCKET;
constexpr int name_credentials = absent;
#endif

// The option that requests the time of arrival, in nanoseconds if possible, or in microseconds.
#if defined(SO_TIMESTAMPNS)
constexpr int name_timestamp = SO_TIMESTAMPNS;
#elif defined(SO_TIMESTAMP)
constexpr int name_timestamp = SO_TIMESTAMP;
#else
constexpr int name_timestamp = absent;
#endif

// Describes the control message that sets the TOS or the TTL of one datagram over IPv4. The content of the message is a
// byte or an int. No standard defines such a control message. A system ignores or rejects a control message that it
// does not know.
struct NumberForm {
    int type;
    bool is_byte;
};
#if defined(__linux__)
constexpr NumberForm sent_tos_v4 = {IP_TOS, false};
constexpr NumberForm sent_ttl_v4 = {IP_TTL, false};
#elif defined(__FreeBSD__)
constexpr NumberForm sent_tos_v4 = {IP_TOS, true};
constexpr NumberForm sent_ttl_v4 = {absent, true};
#else
constexpr NumberForm sent_tos_v4 = {absent, false};
constexpr NumberForm sent_ttl_v4 = {absent, false};
#endif

} // namespace mio::impl

#ifndef IPV6_MTU
#define IPV6_MTU absent
#endif
#ifndef IPV6_MTU_DISCOVER
#define IPV6_MTU_DISCOVER absent
#endif
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL absent
#endif
#ifndef IPV6_ORIGDSTADDR
#define IPV6_ORIGDSTADDR absent
#endif
#ifndef IPV6_RECVERR
#define IPV6_RECVERR absent
#endif
#ifndef IPV6_RECVHOPLIMIT
#define IPV6_RECVHOPLIMIT absent
#endif
#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR absent
#endif
#ifndef IPV6_RECVPKTINFO
#define IPV6_RECVPKTINFO absent
#endif
#ifndef IPV6_RECVTCLASS
#define IPV6_RECVTCLASS absent
#endif
#ifndef IPV6_TCLASS
#define IPV6_TCLASS absent
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT absent
#endif
#ifndef IP_MTU
#define IP_MTU absent
#endif
#ifndef IP_MTU_DISCOVER
#define IP_MTU_DISCOVER absent
#endif
#ifndef IP_MULTICAST_ALL
#define IP_MULTICAST_ALL absent
#endif
#ifndef IP_ORIGDSTADDR
#define IP_ORIGDSTADDR absent
#endif
#ifndef IP_RECVDSTADDR
#define IP_RECVDSTADDR absent
#endif
#ifndef IP_RECVERR
#define IP_RECVERR absent
#endif
#ifndef IP_RECVIF
#define IP_RECVIF absent
#endif
#ifndef IP_RECVORIGDSTADDR
#define IP_RECVORIGDSTADDR absent
#endif
#ifndef IP_RECVTOS
#define IP_RECVTOS absent
#endif
#ifndef IP_RECVTTL
#define IP_RECVTTL absent
#endif
#ifndef SCM_TIMESTAMP
#define SCM_TIMESTAMP absent
#endif
#ifndef SCM_TIMESTAMPNS
#define SCM_TIMESTAMPNS absent
#endif
#ifndef SO_BINDTODEVICE
#define SO_BINDTODEVICE absent
#endif
#ifndef SO_INCOMING_CPU
#define SO_INCOMING_CPU absent
#endif
#ifndef SO_MARK
#define SO_MARK absent
#endif
// Most systems have headers that are too old to define SO_PASSRIGHTS.
#if !defined(SO_PASSRIGHTS) && defined(__linux__) && !defined(__hppa__) && !defined(__sparc__)
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS absent
#endif
#ifndef SO_PRIORITY
#define SO_PRIORITY absent
#endif
#ifndef SO_PROTOCOL
#define SO_PROTOCOL absent
#endif
#ifndef SO_RXQ_OVFL
#define SO_RXQ_OVFL absent
#endif
#ifndef TCP_CONGESTION
#define TCP_CONGESTION absent
#endif
#ifndef TCP_CORK
#define TCP_CORK absent
#endif
#ifndef TCP_DEFER_ACCEPT
#define TCP_DEFER_ACCEPT absent
#endif
#ifndef TCP_FASTOPEN
#define TCP_FASTOPEN absent
#endif
#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT absent
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT absent
#endif
#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE absent
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL absent
#endif
#ifndef TCP_NOTSENT_LOWAT
#define TCP_NOTSENT_LOWAT absent
#endif
#ifndef TCP_QUICKACK
#define TCP_QUICKACK absent
#endif
#ifndef TCP_USER_TIMEOUT
#define TCP_USER_TIMEOUT absent
#endif
#ifndef UDP_GRO
#define UDP_GRO absent
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT absent
#endif
