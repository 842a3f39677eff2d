/* SPDX-License-Identifier: MIT */
/*
 * For each type of route that rejects packets, tests how sockets connect and send to an address with such a route. For
 * a blackhole route, Linux returns EINVAL; mio must return another error, because its -EINVAL always means an invalid
 * argument.
 */
#include "../helpers/sockets.h"

#include <linux/rtnetlink.h>
#include <unistd.h>

typedef struct route_request {
    struct nlmsghdr header;
    struct rtmsg route;
    struct rtattr attribute;
    uint8_t destination[16];
} route_request;

/* Adds a route to one address. `type` is the type of the route, for example RTN_BLACKHOLE. The host does not get the
 * route, because the test runs in its own network namespace. */
static bool add_route(unsigned char type, const mio_addr *addr)
{
    route_request request = {.attribute = {.rta_type = RTA_DST}};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;
    int length = mio_addr_ip(addr, request.destination);
    request.attribute.rta_len = (unsigned short)RTA_LENGTH((unsigned)length);
    request.header.nlmsg_len = (uint32_t)(offsetof(route_request, attribute) + RTA_ALIGN(request.attribute.rta_len));
    request.header.nlmsg_type = RTM_NEWROUTE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
    request.route.rtm_family = length == 4 ? AF_INET : AF_INET6;
    request.route.rtm_dst_len = (unsigned char)(8 * length);
    request.route.rtm_table = RT_TABLE_MAIN;
    request.route.rtm_protocol = RTPROT_STATIC;
    request.route.rtm_scope = RT_SCOPE_UNIVERSE;
    request.route.rtm_type = type;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool done = send(fd, &request, request.header.nlmsg_len, 0) == (ssize_t)request.header.nlmsg_len &&
                recv(fd, &answer, sizeof answer, 0) >= (ssize_t)(sizeof answer.header + sizeof answer.error) &&
                answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
    close(fd);
    return done;
}

/* Checks that every function that connects or sends to the address `there` returns `code`. */
static int expect_refusal(const mio_addr *any, const mio_addr *there, const mio_addr *source, int code)
{
    mio_udp_socket socket;
    mio_tcp_stream stream;
    mio_tcp_socket tcp;
    mio_addr addr = *there;
    mio_ancillary ancillary = {{0}};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.addr = &addr;
    require(mio_tcp_stream_connect(&stream, &addr) == code);
    require(mio_tcp_socket_open(&tcp, mio_addr_family(&addr)) == 0);
    require(mio_tcp_socket_connect(&tcp, &addr, &stream) == code);
    mio_tcp_socket_close(&tcp);
    require(mio_udp_socket_bind(&socket, any) == 0);
    require(mio_udp_socket_connect(&socket, &addr) == code);
    require(mio_udp_socket_send_to(&socket, "x", 1, &addr) == code);
    require(mio_udp_socket_send_message(&socket, &message) == code);
    require(mio_udp_socket_send_batch(&socket, &message, 1) == code);
    message.ancillary = &ancillary; /* again, with a message that also contains a source address */
    require(mio_ancillary_set_source(&ancillary, source, 0) == 0);
    require(mio_udp_socket_send_message(&socket, &message) == code);
    require(mio_udp_socket_send_batch(&socket, &message, 1) == code);
    mio_udp_socket_close(&socket);
    return 0;
}

static int refuse_each_way(void *context)
{
    (void)context;
    static const struct {
        unsigned char type;
        int code;
    } routes[] = {{RTN_BLACKHOLE, -EHOSTUNREACH},
                  {RTN_UNREACHABLE, -EHOSTUNREACH},
                  {RTN_PROHIBIT, -EACCES},
                  {RTN_THROW, -ENETUNREACH}};
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr any_v6 = ipv6("::", 0);
    mio_addr source = loopback_v4();
    mio_addr source_v6 = loopback_v6();
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        mio_addr there = ipv4(192, 0, 2, (int)i, 9);
        char text[] = "2001:db8::0";
        text[sizeof text - 2] = (char)('0' + i);
        mio_addr there_v6 = ipv6(text, 9);
        if (!add_route(routes[i].type, &there)) {
            return SKIPPED;
        }
        require(expect_refusal(&any, &there, &source, routes[i].code) == 0);
        if (have_ipv6() && add_route(routes[i].type, &there_v6)) {
            require(expect_refusal(&any_v6, &there_v6, &source_v6, routes[i].code) == 0);
        }
    }
    return 0;
}

START_TEST(a_route_that_refuses_is_no_wrong_argument)
{
    if (run_apart(refuse_each_way, NULL) == SKIPPED) {
        skip("cannot make a network of its own with such routes");
    }
}
END_TEST

static int send_from_nowhere(void *context)
{
    (void)context;
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr peer_addr;
    mio_udp_socket socket;
    mio_addr there = ipv4(127, 0, 0, 9, 0);
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    int peer = raw_udp(&there, &peer_addr);
    require(mio_udp_socket_bind(&socket, &any) == 0);
    require(mio_udp_socket_connect(&socket, &peer_addr) == 0);
    require(mio_udp_socket_send(&socket, "x", 1) == 1);
    mio_udp_message message = MIO_UDP_MESSAGE_INIT; /* this message has no address, so it goes to the peer */
    mio_ancillary ancillary = {{0}};
    mio_addr foreign = ipv4(255, 255, 255, 255, 0);
    message.ancillary = &ancillary;
    require(mio_ancillary_set_source(&ancillary, &foreign, 0) == 0);
    require(mio_udp_socket_send_message(&socket, &message) == -EINVAL); /* an impossible source address */
    mio_udp_socket_close(&socket);
    close_fd(peer);
    return 0;
}

START_TEST(what_goes_along_can_still_be_wrong)
{
    if (run_apart(send_from_nowhere, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("refusing_routes");
    TCase *tcase = add_tcase(suite, "routes");
    tcase_add_test(tcase, a_route_that_refuses_is_no_wrong_argument);
    tcase_add_test(tcase, what_goes_along_can_still_be_wrong);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
