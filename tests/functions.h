/* SPDX-License-Identifier: MIT */
/*
 * Each function of mio, exported or inline, has a row in this table. A file that includes the table first defines
 * FUNCTION:
 *
 *   FUNCTION(name, result, (parameters), safety, memory, needs, object, calls, call)
 *
 *   name, result, parameters  the prototype, which tests/api/layout.c freezes
 *   safety   HANDLER: a signal handler may call the function, and the function keeps errno. KEEPS: the function keeps
 *            errno. PLAIN: the function may change errno.
 *   memory   NO_MEMORY: the function neither allocates nor frees. TABLE: the function may allocate or free, if the
 *            backend has a table of registrations. MEMORY: the function may allocate or free on any backend.
 *   needs    the objects of tests/helpers/stage.h that the call needs, or 0
 *   object   the argument `it`, and the result if `it` is null or closed:
 *            ON(pointer)          -EINVAL for null, -EBADF for a closed object
 *            OF(pointer)          -EINVAL for null
 *            OR(pointer, result)  `result` for null
 *            CLOSES(pointer)      0 for null and for a closed object
 *            NONE(reason)         no test with null or a closed object
 *   calls    the exact number of system calls that the call makes, or UNCOUNTED(reason)
 *   call     a call that succeeds, or would block. Its arguments are `it`, and members of `the`, a struct of stage.h.
 *
 * These files of tests/api use the table:
 *   layout.c       checks the prototypes
 *   arguments.c    calls functions with null and with closed objects
 *   syscalls.c     counts system calls
 *   allocations.c  checks `memory`
 *   conventions.c  checks errno and other promises
 * tests/injector makes the call of each row, and lets a libc function fail during this call. tests/abi/functions.sh
 * finds missing rows.
 */

/* Addresses. */
FUNCTION(mio_addr_from_ipv4, int, (mio_addr *, const uint8_t *, uint16_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_from_ipv4(it, the.ip, 1))
FUNCTION(mio_addr_from_ipv6, int, (mio_addr *, const uint8_t *, uint16_t, uint32_t, uint32_t), HANDLER, NO_MEMORY, 0,
         OF(&the.addr), 0, mio_addr_from_ipv6(it, the.ip, 1, 2, 3))
FUNCTION(mio_addr_from_path, int, (mio_addr *, const char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_from_path(it, "a/path", 6))
FUNCTION(mio_addr_from_abstract, int, (mio_addr *, const void *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_from_abstract(it, "name", 4))
FUNCTION(mio_addr_unnamed, int, (mio_addr *), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0, mio_addr_unnamed(it))
FUNCTION(mio_addr_parse, int, (mio_addr *, const char *), PLAIN, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_parse(it, "[2001:db8::1%7]:80"))
FUNCTION(mio_addr_parse_ip, int, (mio_addr *, const char *, uint16_t), PLAIN, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_parse_ip(it, "192.0.2.1", 80))
FUNCTION(mio_addr_format, int, (const mio_addr *, char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_format(it, the.bytes, sizeof the.bytes))
FUNCTION(mio_addr_from_sockaddr, int, (mio_addr *, const void *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_from_sockaddr(it, &the.sockaddr, sizeof the.sockaddr))
FUNCTION(mio_addr_to_sockaddr, int, (const mio_addr *, void *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_to_sockaddr(it, &the.sockaddr, sizeof the.sockaddr))
FUNCTION(mio_addr_family, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, MIO_ADDR_NONE), 0,
         mio_addr_family(it))
FUNCTION(mio_addr_port, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0, mio_addr_port(it))
FUNCTION(mio_addr_set_port, int, (mio_addr *, uint16_t), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_set_port(it, 81))
FUNCTION(mio_addr_ip, int, (const mio_addr *, uint8_t *), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_ip(it, the.ip))
FUNCTION(mio_addr_unix_path, int, (const mio_addr *, char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.path), 0,
         mio_addr_unix_path(it, the.bytes, sizeof the.bytes))
FUNCTION(mio_addr_unix_abstract, int, (const mio_addr *, void *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.abstract), 0,
         mio_addr_unix_abstract(it, the.bytes, sizeof the.bytes))
FUNCTION(mio_addr_is_unnamed, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_is_unnamed(it))
FUNCTION(mio_addr_flowinfo, uint32_t, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_flowinfo(it))
FUNCTION(mio_addr_scope_id, uint32_t, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_scope_id(it))
FUNCTION(mio_addr_is_unspecified, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_is_unspecified(it))
FUNCTION(mio_addr_is_loopback, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_is_loopback(it))
FUNCTION(mio_addr_is_multicast, int, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 0), 0,
         mio_addr_is_multicast(it))
FUNCTION(mio_addr_from_mapped, int, (mio_addr *, const mio_addr *), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_from_mapped(it, &the.mapped))
FUNCTION(mio_addr_to_mapped, int, (const mio_addr *, mio_addr *), HANDLER, NO_MEMORY, 0, OF(&the.addr), 0,
         mio_addr_to_mapped(it, &the.mapped))
FUNCTION(mio_addr_compare, int, (const mio_addr *, const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 1), 0,
         mio_addr_compare(it, &the.addr) < 0)
FUNCTION(mio_addr_hash, uint64_t, (const mio_addr *), HANDLER, NO_MEMORY, 0, OR(&the.addr, 1), 0,
         mio_addr_hash(it) == mio_addr_hash(NULL))

/* Events and interests. */
FUNCTION(mio_event_is_readable, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_readable(&the.event))
FUNCTION(mio_event_is_writable, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_writable(&the.event))
FUNCTION(mio_event_is_error, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_error(&the.event))
FUNCTION(mio_event_is_read_closed, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_read_closed(&the.event))
FUNCTION(mio_event_is_write_closed, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_write_closed(&the.event))
FUNCTION(mio_event_is_priority, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_priority(&the.event))
FUNCTION(mio_event_is_aio, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_aio(&the.event))
FUNCTION(mio_event_is_lio, int, (const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("reads what it is given, as a macro would"), 0, mio_event_is_lio(&the.event))
FUNCTION(mio_event_format, int, (const mio_event *, char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.event), 0,
         mio_event_format(it, the.bytes, sizeof the.bytes))
FUNCTION(mio_readiness_add, void, (uint32_t *, const mio_event *), HANDLER, NO_MEMORY, 0,
         NONE("writes what it is given, as a macro would"), 0, (mio_readiness_add(&the.word, &the.event), 0))
FUNCTION(mio_readiness_after, int64_t, (uint32_t *, uint32_t, int64_t), HANDLER, NO_MEMORY, 0,
         NONE("writes what it is given, as a macro would"), 0, mio_readiness_after(&the.word, MIO_READABLE, 1))
FUNCTION(mio_interest_format, int, (uint32_t, char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.bytes[0]), 0,
         mio_interest_format(1, it, sizeof the.bytes))

/* Poll objects, registries, wakers and the clock. */
FUNCTION(mio_poll_new, int, (mio_poll **, const mio_poll_options *), PLAIN, MEMORY, POLL, OF(&the.new_poll),
         UNCOUNTED("sets up or takes down: that depends on what is there"), mio_poll_new(it, &the.options))
FUNCTION(mio_poll_free, void, (mio_poll *), KEEPS, MEMORY, POLL, OR(the.poll, 0),
         UNCOUNTED("sets up or takes down: that depends on what is there"), VOID((mio_poll_free(it), the.poll = NULL)))
FUNCTION(mio_poll_wait, int, (mio_poll *, mio_event *, size_t, int64_t), PLAIN, NO_MEMORY, POLL, OF(the.poll), 1,
         mio_poll_wait(it, the.events, 4, 0))
FUNCTION(mio_poll_wait_until, int, (mio_poll *, mio_event *, size_t, int64_t), PLAIN, NO_MEMORY, POLL, OF(the.poll), 1,
         mio_poll_wait_until(it, the.events, 4, 0))
FUNCTION(mio_poll_wait_masked, int, (mio_poll *, mio_event *, size_t, int64_t, const mio_signal_mask *), PLAIN,
         NO_MEMORY, POLL, OF(the.poll), 1, mio_poll_wait_masked(it, the.events, 4, 0, &the.mask))
FUNCTION(mio_clock_now, int64_t, (void), HANDLER, NO_MEMORY, 0, NONE("it has none"), 0, mio_clock_now())
FUNCTION(mio_poll_registry, mio_registry *, (mio_poll *), PLAIN, NO_MEMORY, POLL, OR(the.poll, 0), 0,
         mio_poll_registry(it) != NULL)
FUNCTION(mio_poll_handle, mio_handle, (const mio_poll *), PLAIN, NO_MEMORY, POLL, OF(the.poll), 0, mio_poll_handle(it))
FUNCTION(mio_poll_backend, const char *, (const mio_poll *), PLAIN, NO_MEMORY, POLL, OR(the.poll, 0), 0,
         mio_poll_backend(it) != NULL)
FUNCTION(mio_poll_capabilities, uint32_t, (const mio_poll *), PLAIN, NO_MEMORY, POLL, OR(the.poll, 0), 0,
         mio_poll_capabilities(it))
FUNCTION(mio_poll_backend_capabilities, int, (const char *, uint32_t *), PLAIN, MEMORY, 0, OF(&the.flags),
         UNCOUNTED("sets up or takes down: that depends on what is there"), mio_poll_backend_capabilities("poll", it))
FUNCTION(mio_poll_backend_name, const char *, (size_t), HANDLER, NO_MEMORY, 0, NONE("any number is one"), 0,
         mio_poll_backend_name(0) != NULL)
FUNCTION(mio_poll_dump, int, (mio_poll *, mio_handle), PLAIN, NO_MEMORY, POLL | FILES, OF(the.poll),
         UNCOUNTED("a text for people: as many as it has lines"), mio_poll_dump(it, the.nowhere))
FUNCTION(mio_registry_register, int, (mio_registry *, mio_source *, uintptr_t, uint32_t), PLAIN, TABLE, POLL | UDP,
         OF(the.registry), 1 + keeps_table(), mio_registry_register(it, &the.udp_left.source, 1, MIO_READABLE))
FUNCTION(mio_registry_reregister, int, (mio_registry *, mio_source *, uintptr_t, uint32_t), PLAIN, TABLE, REGISTERED,
         OF(the.registry), 1, mio_registry_reregister(it, &the.udp_right.source, 1, MIO_WRITABLE))
FUNCTION(mio_registry_deregister, int, (mio_registry *, mio_source *), KEEPS, TABLE, REGISTERED, OF(the.registry), 1,
         mio_registry_deregister(it, &the.udp_right.source))
FUNCTION(mio_registry_register_handle, int, (mio_registry *, mio_handle, uintptr_t, uint32_t), PLAIN, TABLE, POLL | UDP,
         OF(the.registry), 1 + keeps_table(),
         mio_registry_register_handle(it, mio_udp_socket_handle(&the.udp_left), 1, MIO_READABLE))
FUNCTION(mio_registry_reregister_handle, int, (mio_registry *, mio_handle, uintptr_t, uint32_t), PLAIN, TABLE,
         REGISTERED, OF(the.registry), 1,
         mio_registry_reregister_handle(it, mio_udp_socket_handle(&the.udp_loose), 1, MIO_WRITABLE))
FUNCTION(mio_registry_deregister_handle, int, (mio_registry *, mio_handle), KEEPS, TABLE, REGISTERED, OF(the.registry),
         1, mio_registry_deregister_handle(it, mio_udp_socket_handle(&the.udp_loose)))
FUNCTION(mio_registry_rearm_handle, int, (mio_registry *, mio_handle, uint32_t), PLAIN, TABLE, REGISTERED,
         OF(the.registry), 0, mio_registry_rearm_handle(it, mio_udp_socket_handle(&the.udp_loose), MIO_WRITABLE))
FUNCTION(mio_registry_poll_handle, mio_handle, (const mio_registry *), PLAIN, NO_MEMORY, POLL, OF(the.registry), 0,
         mio_registry_poll_handle(it))
FUNCTION(mio_registry_clone, int, (mio_registry **, const mio_registry *), PLAIN, MEMORY, POLL, OF(the.registry),
         UNCOUNTED("sets up or takes down: that depends on what is there"), mio_registry_clone(&the.new_registry, it))
FUNCTION(mio_registry_free, void, (mio_registry *), KEEPS, MEMORY, POLL, OR(the.clone, 0),
         UNCOUNTED("sets up or takes down: that depends on what is there"),
         VOID((mio_registry_free(it), the.clone = NULL)))
FUNCTION(mio_waker_new, int, (mio_waker **, mio_registry *, uintptr_t), PLAIN, MEMORY, POLL, OF(the.registry),
         UNCOUNTED("sets up or takes down: that depends on what is there"), mio_waker_new(&the.new_waker, it, 2))
FUNCTION(mio_waker_wake, int, (mio_waker *), HANDLER, NO_MEMORY, POLL, OF(the.waker), 1, mio_waker_wake(it))
FUNCTION(mio_waker_free, void, (mio_waker *), KEEPS, MEMORY, POLL, OR(the.waker, 0),
         UNCOUNTED("sets up or takes down: that depends on what is there"),
         VOID((mio_waker_free(it), the.waker = NULL)))

/* Any source, listener or stream. */
FUNCTION(mio_listener_accept, int, (mio_source *, mio_source *, mio_addr *), PLAIN, NO_MEMORY, UNIX_LISTENER,
         ON(&the.unix_listener.source), 1, mio_listener_accept(it, &the.new_unix_stream.source, &the.addr))
FUNCTION(mio_listener_accept_or_shed, int, (mio_source *, mio_accept_reserve *, mio_source *, mio_addr *), PLAIN,
         NO_MEMORY, UNIX_LISTENER | RESERVE, ON(&the.unix_listener.source), 1,
         mio_listener_accept_or_shed(it, &the.reserve, &the.new_unix_stream.source, &the.addr))
FUNCTION(mio_source_option, int, (const mio_source *, int, int64_t *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left.source),
         1, mio_source_option(it, MIO_OPTION_TTL, &the.value))
FUNCTION(mio_source_set_option, int, (mio_source *, int, int64_t), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left.source), 1,
         mio_source_set_option(it, MIO_OPTION_TTL, 9))
FUNCTION(mio_source_text_option, int, (const mio_source *, int, char *, size_t), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream.source), 1, mio_source_text_option(it, MIO_OPTION_CONGESTION, the.bytes, sizeof the.bytes))
FUNCTION(mio_source_set_text_option, int, (mio_source *, int, const char *), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream.source), 1, mio_source_set_text_option(it, MIO_OPTION_CONGESTION, "reno"))
FUNCTION(mio_source_close, void, (mio_source *), KEEPS, NO_MEMORY, UNIX, CLOSES(&the.unix_stream.source), 1,
         VOID(mio_source_close(it)))
FUNCTION(mio_source_handle, mio_handle, (const mio_source *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 0,
         mio_source_handle(it))
FUNCTION(mio_source_into_handle, mio_handle, (mio_source *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 0,
         the.released = mio_source_into_handle(it))
FUNCTION(mio_source_local_addr, int, (const mio_source *, mio_addr *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_source_local_addr(it, &the.addr))
FUNCTION(mio_source_peer_addr, int, (const mio_source *, mio_addr *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_source_peer_addr(it, &the.addr))
FUNCTION(mio_source_take_error, int, (mio_source *, int *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 1,
         mio_source_take_error(it, &the.number))
FUNCTION(mio_source_try_io, int64_t, (mio_source *, int64_t (*)(mio_handle, void *), void *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_left.source), 0, mio_source_try_io(it, return_handle, NULL))
FUNCTION(mio_source_send_file, int64_t, (mio_source *, mio_handle, int64_t *, size_t), PLAIN, NO_MEMORY, UNIX | FILES,
         ON(&the.unix_stream.source), MASKED, mio_source_send_file(it, the.file, &the.value, 64))
FUNCTION(mio_source_splice, int64_t, (mio_source *, mio_source *, size_t, uint32_t *), PLAIN, NO_MEMORY, UNIX | PIPES,
         ON(&the.unix_stream.source), MASKED, mio_source_splice(it, &the.pipe_sender.source, 5, &the.flags))
FUNCTION(mio_source_splice_to_handle, int64_t, (mio_source *, mio_handle, size_t, uint32_t *), PLAIN, NO_MEMORY,
         UNIX | PIPES, ON(&the.unix_stream.source), MASKED,
         mio_source_splice_to_handle(it, mio_pipe_sender_handle(&the.pipe_sender), 5, &the.flags))
FUNCTION(mio_source_splice_from_handle, int64_t, (mio_handle, mio_source *, size_t, uint32_t *), PLAIN, NO_MEMORY,
         UNIX | PIPES, ON(&the.unix_stream.source), MASKED,
         mio_source_splice_from_handle(mio_pipe_receiver_handle(&the.pipe_receiver), it, 5, &the.flags))
FUNCTION(mio_stream_connect_finish, int, (mio_source *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 2,
         mio_stream_connect_finish(it))
FUNCTION(mio_stream_read, int64_t, (mio_source *, void *, size_t), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source),
         1, mio_stream_read(it, the.bytes, 8))
FUNCTION(mio_stream_readv, int64_t, (mio_source *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_stream_readv(it, &the.piece, 1))
FUNCTION(mio_stream_peek, int64_t, (mio_source *, void *, size_t), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source),
         1, mio_stream_peek(it, the.bytes, 8))
FUNCTION(mio_stream_write, int64_t, (mio_source *, const void *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_stream_write(it, the.bytes, 1))
FUNCTION(mio_stream_writev, int64_t, (mio_source *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_stream_writev(it, &the.piece, 1))
FUNCTION(mio_stream_send, int64_t, (mio_source *, const void *, size_t, uint32_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream.source), 1, mio_stream_send(it, the.bytes, 1, MIO_SEND_MORE))
FUNCTION(mio_stream_recv_oob, int, (mio_source *, unsigned char *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source),
         1, mio_stream_recv_oob(it, the.byte))
FUNCTION(mio_stream_at_mark, int, (const mio_source *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 2,
         mio_stream_at_mark(it))
FUNCTION(mio_stream_shutdown, int, (mio_source *, int), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream.source), 1,
         mio_stream_shutdown(it, MIO_SHUTDOWN_WRITE))

/* Accepting. */
FUNCTION(mio_accept_is_transient, int, (int), HANDLER, NO_MEMORY, 0, NONE("any number is one"), 0,
         mio_accept_is_transient(-ECONNABORTED))
FUNCTION(mio_accept_reserve_open, int, (mio_accept_reserve *), PLAIN, NO_MEMORY, RESERVE, OF(&the.new_reserve), 1,
         mio_accept_reserve_open(it))
FUNCTION(mio_accept_reserve_close, void, (mio_accept_reserve *), KEEPS, NO_MEMORY, RESERVE, CLOSES(&the.reserve), 1,
         VOID(mio_accept_reserve_close(it)))

/* TCP. */
FUNCTION(mio_tcp_socket_open, int, (mio_tcp_socket *, int), PLAIN, NO_MEMORY, 0, OF(&the.tcp_socket), 1,
         mio_tcp_socket_open(it, MIO_ADDR_IPV4))
FUNCTION(mio_tcp_socket_from_handle, int, (mio_tcp_socket *, mio_handle), PLAIN, NO_MEMORY, TCP_SOCKET,
         OF(&the.tcp_socket), 4 + FLAGS, mio_tcp_socket_from_handle(it, mio_tcp_socket_handle(&the.tcp_socket)))
FUNCTION(mio_tcp_socket_bind, int, (mio_tcp_socket *, const mio_addr *), PLAIN, NO_MEMORY, TCP_SOCKET,
         ON(&the.tcp_socket), 1, mio_tcp_socket_bind(it, &the.addr))
FUNCTION(mio_tcp_socket_listen, int, (mio_tcp_socket *, int, mio_tcp_listener *), PLAIN, NO_MEMORY, TCP_SOCKET,
         ON(&the.tcp_socket), 1, mio_tcp_socket_listen(it, 16, &the.new_tcp_listener))
FUNCTION(mio_tcp_socket_connect, int, (mio_tcp_socket *, const mio_addr *, mio_tcp_stream *), PLAIN, NO_MEMORY,
         TCP_SOCKET | TCP_LISTENER, ON(&the.tcp_socket), 1,
         mio_tcp_socket_connect(it, &the.tcp_addr, &the.new_tcp_stream))
FUNCTION(mio_tcp_socket_close, void, (mio_tcp_socket *), KEEPS, NO_MEMORY, TCP_SOCKET, CLOSES(&the.tcp_socket), 1,
         VOID(mio_tcp_socket_close(it)))
FUNCTION(mio_tcp_socket_handle, mio_handle, (const mio_tcp_socket *), PLAIN, NO_MEMORY, TCP_SOCKET, ON(&the.tcp_socket),
         0, mio_tcp_socket_handle(it))
FUNCTION(mio_tcp_socket_into_handle, mio_handle, (mio_tcp_socket *), PLAIN, NO_MEMORY, TCP_SOCKET, ON(&the.tcp_socket),
         0, the.released = mio_tcp_socket_into_handle(it))
FUNCTION(mio_tcp_socket_local_addr, int, (const mio_tcp_socket *, mio_addr *), PLAIN, NO_MEMORY, TCP_SOCKET,
         ON(&the.tcp_socket), 1, mio_tcp_socket_local_addr(it, &the.addr))
FUNCTION(mio_tcp_listener_bind, int, (mio_tcp_listener *, const mio_addr *, int), PLAIN, NO_MEMORY, 0,
         OF(&the.tcp_listener), 4, mio_tcp_listener_bind(it, &the.addr, 16))
FUNCTION(mio_tcp_listener_from_handle, int, (mio_tcp_listener *, mio_handle), PLAIN, NO_MEMORY, TCP_LISTENER,
         OF(&the.tcp_listener), 3 + FLAGS, mio_tcp_listener_from_handle(it, mio_tcp_listener_handle(&the.tcp_listener)))
FUNCTION(mio_tcp_listener_close, void, (mio_tcp_listener *), KEEPS, NO_MEMORY, TCP_LISTENER, CLOSES(&the.tcp_listener),
         1, VOID(mio_tcp_listener_close(it)))
FUNCTION(mio_tcp_listener_handle, mio_handle, (const mio_tcp_listener *), PLAIN, NO_MEMORY, TCP_LISTENER,
         ON(&the.tcp_listener), 0, mio_tcp_listener_handle(it))
FUNCTION(mio_tcp_listener_into_handle, mio_handle, (mio_tcp_listener *), PLAIN, NO_MEMORY, TCP_LISTENER,
         ON(&the.tcp_listener), 0, the.released = mio_tcp_listener_into_handle(it))
FUNCTION(mio_tcp_listener_accept, int, (mio_tcp_listener *, mio_tcp_stream *, mio_addr *), PLAIN, NO_MEMORY,
         TCP_LISTENER, ON(&the.tcp_listener), 1, mio_tcp_listener_accept(it, &the.new_tcp_stream, &the.addr))
FUNCTION(mio_tcp_listener_accept_or_shed, int, (mio_tcp_listener *, mio_accept_reserve *, mio_tcp_stream *, mio_addr *),
         PLAIN, NO_MEMORY, TCP_LISTENER | RESERVE, ON(&the.tcp_listener), 1,
         mio_tcp_listener_accept_or_shed(it, &the.reserve, &the.new_tcp_stream, &the.addr))
FUNCTION(mio_tcp_listener_local_addr, int, (const mio_tcp_listener *, mio_addr *), PLAIN, NO_MEMORY, TCP_LISTENER,
         ON(&the.tcp_listener), 1, mio_tcp_listener_local_addr(it, &the.addr))
FUNCTION(mio_tcp_listener_take_error, int, (mio_tcp_listener *, int *), PLAIN, NO_MEMORY, TCP_LISTENER,
         ON(&the.tcp_listener), 1, mio_tcp_listener_take_error(it, &the.number))
FUNCTION(mio_tcp_stream_connect, int, (mio_tcp_stream *, const mio_addr *), PLAIN, NO_MEMORY, TCP_LISTENER,
         OF(&the.new_tcp_stream), 2, mio_tcp_stream_connect(it, &the.tcp_addr))
FUNCTION(mio_tcp_stream_connect_finish, int, (mio_tcp_stream *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 2,
         mio_tcp_stream_connect_finish(it))
FUNCTION(mio_tcp_stream_from_handle, int, (mio_tcp_stream *, mio_handle), PLAIN, NO_MEMORY, TCP, OF(&the.tcp_stream),
         2 + FLAGS, mio_tcp_stream_from_handle(it, mio_tcp_stream_handle(&the.tcp_stream)))
FUNCTION(mio_tcp_stream_close, void, (mio_tcp_stream *), KEEPS, NO_MEMORY, TCP, CLOSES(&the.tcp_stream), 1,
         VOID(mio_tcp_stream_close(it)))
FUNCTION(mio_tcp_stream_handle, mio_handle, (const mio_tcp_stream *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 0,
         mio_tcp_stream_handle(it))
FUNCTION(mio_tcp_stream_into_handle, mio_handle, (mio_tcp_stream *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 0,
         the.released = mio_tcp_stream_into_handle(it))
FUNCTION(mio_tcp_stream_read, int64_t, (mio_tcp_stream *, void *, size_t), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream),
         1, mio_tcp_stream_read(it, the.bytes, 8))
FUNCTION(mio_tcp_stream_readv, int64_t, (mio_tcp_stream *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_readv(it, &the.piece, 1))
FUNCTION(mio_tcp_stream_peek, int64_t, (mio_tcp_stream *, void *, size_t), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream),
         1, mio_tcp_stream_peek(it, the.bytes, 8))
FUNCTION(mio_tcp_stream_write, int64_t, (mio_tcp_stream *, const void *, size_t), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_write(it, the.bytes, 1))
FUNCTION(mio_tcp_stream_writev, int64_t, (mio_tcp_stream *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_writev(it, &the.piece, 1))
FUNCTION(mio_tcp_stream_send, int64_t, (mio_tcp_stream *, const void *, size_t, uint32_t), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_send(it, the.bytes, 1, MIO_SEND_MORE))
FUNCTION(mio_tcp_stream_recv_oob, int, (mio_tcp_stream *, unsigned char *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream),
         1, mio_tcp_stream_recv_oob(it, the.byte))
FUNCTION(mio_tcp_stream_at_mark, int, (const mio_tcp_stream *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 2,
         mio_tcp_stream_at_mark(it))
FUNCTION(mio_tcp_stream_shutdown, int, (mio_tcp_stream *, int), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 1,
         mio_tcp_stream_shutdown(it, MIO_SHUTDOWN_WRITE))
FUNCTION(mio_tcp_stream_local_addr, int, (const mio_tcp_stream *, mio_addr *), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_local_addr(it, &the.addr))
FUNCTION(mio_tcp_stream_peer_addr, int, (const mio_tcp_stream *, mio_addr *), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_peer_addr(it, &the.addr))
FUNCTION(mio_tcp_stream_original_destination, int, (const mio_tcp_stream *, mio_addr *), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), UNCOUNTED("works only where the system tracks connections"),
         mio_tcp_stream_original_destination(it, &the.addr))
FUNCTION(mio_tcp_stream_recv_error, int64_t, (mio_tcp_stream *, mio_queued_error *), PLAIN, NO_MEMORY, TCP,
         ON(&the.tcp_stream), 1, mio_tcp_stream_recv_error(it, &the.error))
FUNCTION(mio_tcp_stream_take_error, int, (mio_tcp_stream *, int *), PLAIN, NO_MEMORY, TCP, ON(&the.tcp_stream), 1,
         mio_tcp_stream_take_error(it, &the.number))

/* UDP, and ancillary data. */
FUNCTION(mio_ancillary_clear, void, (mio_ancillary *), HANDLER, NO_MEMORY, 0, OR(&the.ancillary, 0), 0,
         VOID(mio_ancillary_clear(it)))
FUNCTION(mio_ancillary_destination, int, (const mio_ancillary *, mio_addr *, uint32_t *), HANDLER, NO_MEMORY, RECEIVED,
         OF(&the.ancillary), 0, mio_ancillary_destination(it, &the.addr, &the.flags))
FUNCTION(mio_ancillary_tos, int, (const mio_ancillary *), HANDLER, NO_MEMORY, RECEIVED, OF(&the.ancillary), 0,
         mio_ancillary_tos(it))
FUNCTION(mio_ancillary_ttl, int, (const mio_ancillary *), HANDLER, NO_MEMORY, RECEIVED, OF(&the.ancillary), 0,
         mio_ancillary_ttl(it))
FUNCTION(mio_ancillary_timestamp, int, (const mio_ancillary *, int64_t *), HANDLER, NO_MEMORY, RECEIVED,
         OF(&the.ancillary), 0, mio_ancillary_timestamp(it, &the.value))
FUNCTION(mio_ancillary_original_destination, int, (const mio_ancillary *, mio_addr *), HANDLER, NO_MEMORY, RECEIVED,
         OF(&the.ancillary), 0, mio_ancillary_original_destination(it, &the.addr))
FUNCTION(mio_ancillary_drops, int, (const mio_ancillary *, uint32_t *), HANDLER, NO_MEMORY, RECEIVED,
         OF(&the.ancillary), 0, mio_ancillary_drops(it, &the.flags))
FUNCTION(mio_ancillary_segment_size, int, (const mio_ancillary *), HANDLER, NO_MEMORY, RECEIVED, OF(&the.ancillary), 0,
         mio_ancillary_segment_size(it))
FUNCTION(mio_ancillary_set_source, int, (mio_ancillary *, const mio_addr *, uint32_t), HANDLER, NO_MEMORY, 0,
         OF(&the.ancillary), 0, mio_ancillary_set_source(it, &the.addr, 0))
FUNCTION(mio_ancillary_set_tos, int, (mio_ancillary *, int), HANDLER, NO_MEMORY, 0, OF(&the.ancillary), 0,
         mio_ancillary_set_tos(it, 8))
FUNCTION(mio_ancillary_set_ttl, int, (mio_ancillary *, int), HANDLER, NO_MEMORY, 0, OF(&the.ancillary), 0,
         mio_ancillary_set_ttl(it, 8))
FUNCTION(mio_ancillary_set_segment_size, int, (mio_ancillary *, int), HANDLER, NO_MEMORY, 0, OF(&the.ancillary), 0,
         mio_ancillary_set_segment_size(it, 100))
FUNCTION(mio_udp_socket_bind, int, (mio_udp_socket *, const mio_addr *), PLAIN, NO_MEMORY, 0, OF(&the.udp_loose), 2,
         mio_udp_socket_bind(it, &the.addr))
FUNCTION(mio_udp_socket_from_handle, int, (mio_udp_socket *, mio_handle), PLAIN, NO_MEMORY, UDP, OF(&the.udp_left),
         2 + FLAGS, mio_udp_socket_from_handle(it, mio_udp_socket_handle(&the.udp_left)))
FUNCTION(mio_udp_socket_close, void, (mio_udp_socket *), KEEPS, NO_MEMORY, UDP, CLOSES(&the.udp_left), 1,
         VOID(mio_udp_socket_close(it)))
FUNCTION(mio_udp_socket_handle, mio_handle, (const mio_udp_socket *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left), 0,
         mio_udp_socket_handle(it))
FUNCTION(mio_udp_socket_into_handle, mio_handle, (mio_udp_socket *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left), 0,
         the.released = mio_udp_socket_into_handle(it))
FUNCTION(mio_udp_socket_connect, int, (mio_udp_socket *, const mio_addr *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_loose),
         2, mio_udp_socket_connect(it, &the.udp_addr))
FUNCTION(mio_udp_socket_send, int64_t, (mio_udp_socket *, const void *, size_t), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_left), 1, mio_udp_socket_send(it, the.bytes, 1))
FUNCTION(mio_udp_socket_send_to, int64_t, (mio_udp_socket *, const void *, size_t, const mio_addr *), PLAIN, NO_MEMORY,
         UDP, ON(&the.udp_left), 1, mio_udp_socket_send_to(it, the.bytes, 1, &the.udp_addr))
FUNCTION(mio_udp_socket_recv, int64_t, (mio_udp_socket *, void *, size_t, uint32_t *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_right), 1, mio_udp_socket_recv(it, the.bytes, 8, &the.flags))
FUNCTION(mio_udp_socket_recv_from, int64_t, (mio_udp_socket *, void *, size_t, mio_addr *, uint32_t *), PLAIN,
         NO_MEMORY, UDP, ON(&the.udp_right), 1, mio_udp_socket_recv_from(it, the.bytes, 8, &the.addr, &the.flags))
FUNCTION(mio_udp_socket_peek, int64_t, (mio_udp_socket *, void *, size_t, uint32_t *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_right), 1, mio_udp_socket_peek(it, the.bytes, 8, &the.flags))
FUNCTION(mio_udp_socket_peek_from, int64_t, (mio_udp_socket *, void *, size_t, mio_addr *, uint32_t *), PLAIN,
         NO_MEMORY, UDP, ON(&the.udp_right), 1, mio_udp_socket_peek_from(it, the.bytes, 8, &the.addr, &the.flags))
FUNCTION(mio_udp_socket_send_message, int64_t, (mio_udp_socket *, const mio_udp_message *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_left), 1, mio_udp_socket_send_message(it, &the.datagrams[0]))
FUNCTION(mio_udp_socket_recv_message, int64_t, (mio_udp_socket *, mio_udp_message *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_right), 1, mio_udp_socket_recv_message(it, &the.datagrams[0]))
FUNCTION(mio_udp_socket_send_batch, int, (mio_udp_socket *, const mio_udp_message *, size_t), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_left), 1, mio_udp_socket_send_batch(it, the.datagrams, 2))
FUNCTION(mio_udp_socket_recv_batch, int, (mio_udp_socket *, mio_udp_message *, size_t), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_right), 1, mio_udp_socket_recv_batch(it, the.datagrams, 2))
FUNCTION(mio_udp_socket_recv_error, int64_t, (mio_udp_socket *, mio_queued_error *), PLAIN, NO_MEMORY, UDP,
         ON(&the.udp_left), 1, mio_udp_socket_recv_error(it, &the.error))
FUNCTION(mio_udp_socket_join_multicast_v4, int, (mio_udp_socket *, const mio_addr *, const mio_addr *), PLAIN,
         NO_MEMORY, GROUPS, ON(&the.udp_member), 1, mio_udp_socket_join_multicast_v4(it, &the.group, &the.addr))
FUNCTION(mio_udp_socket_leave_multicast_v4, int, (mio_udp_socket *, const mio_addr *, const mio_addr *), PLAIN,
         NO_MEMORY, GROUPS, ON(&the.udp_member), 1, mio_udp_socket_leave_multicast_v4(it, &the.joined_v4, &the.addr))
FUNCTION(mio_udp_socket_join_multicast_v4_on, int, (mio_udp_socket *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY,
         GROUPS, ON(&the.udp_member), 1, mio_udp_socket_join_multicast_v4_on(it, &the.group, the.loopback))
FUNCTION(mio_udp_socket_leave_multicast_v4_on, int, (mio_udp_socket *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY,
         GROUPS, ON(&the.udp_member), 1, mio_udp_socket_leave_multicast_v4_on(it, &the.joined_v4_on, the.loopback))
FUNCTION(mio_udp_socket_join_multicast_v6, int, (mio_udp_socket *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY,
         GROUPS_V6, ON(&the.udp_member), 1, mio_udp_socket_join_multicast_v6(it, &the.group_v6, the.loopback))
FUNCTION(mio_udp_socket_leave_multicast_v6, int, (mio_udp_socket *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY,
         GROUPS_V6, ON(&the.udp_member), 1, mio_udp_socket_leave_multicast_v6(it, &the.joined_v6, the.loopback))
FUNCTION(mio_udp_socket_join_multicast_source, int, (mio_udp_socket *, const mio_addr *, const mio_addr *, uint32_t),
         PLAIN, NO_MEMORY, GROUPS, ON(&the.udp_member), UNCOUNTED("Linux needs one call more than other systems"),
         mio_udp_socket_join_multicast_source(it, &the.group, &the.addr, the.loopback))
FUNCTION(mio_udp_socket_leave_multicast_source, int, (mio_udp_socket *, const mio_addr *, const mio_addr *, uint32_t),
         PLAIN, NO_MEMORY, GROUPS, ON(&the.udp_member), UNCOUNTED("Linux needs one call more than other systems"),
         mio_udp_socket_leave_multicast_source(it, &the.joined_source, &the.addr, the.loopback))
FUNCTION(mio_udp_socket_local_addr, int, (const mio_udp_socket *, mio_addr *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left),
         1, mio_udp_socket_local_addr(it, &the.addr))
FUNCTION(mio_udp_socket_peer_addr, int, (const mio_udp_socket *, mio_addr *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left),
         1, mio_udp_socket_peer_addr(it, &the.addr))
FUNCTION(mio_udp_socket_take_error, int, (mio_udp_socket *, int *), PLAIN, NO_MEMORY, UDP, ON(&the.udp_left), 1,
         mio_udp_socket_take_error(it, &the.number))

/* Unix sockets. */
FUNCTION(mio_unix_listener_bind, int, (mio_unix_listener *, const mio_addr *, int, uint32_t), PLAIN, NO_MEMORY, 0,
         OF(&the.unix_listener), 3, mio_unix_listener_bind(it, &the.unnamed, 16, MIO_UNIX_REPLACE))
FUNCTION(mio_unix_listener_from_handle, int, (mio_unix_listener *, mio_handle), PLAIN, NO_MEMORY, UNIX_LISTENER,
         OF(&the.unix_listener), 3 + FLAGS,
         mio_unix_listener_from_handle(it, mio_unix_listener_handle(&the.unix_listener)))
FUNCTION(mio_unix_listener_close, void, (mio_unix_listener *), KEEPS, NO_MEMORY, UNIX_LISTENER,
         CLOSES(&the.unix_listener), 1, VOID(mio_unix_listener_close(it)))
FUNCTION(mio_unix_listener_handle, mio_handle, (const mio_unix_listener *), PLAIN, NO_MEMORY, UNIX_LISTENER,
         ON(&the.unix_listener), 0, mio_unix_listener_handle(it))
FUNCTION(mio_unix_listener_into_handle, mio_handle, (mio_unix_listener *), PLAIN, NO_MEMORY, UNIX_LISTENER,
         ON(&the.unix_listener), 0, the.released = mio_unix_listener_into_handle(it))
FUNCTION(mio_unix_listener_accept, int, (mio_unix_listener *, mio_unix_stream *, mio_addr *), PLAIN, NO_MEMORY,
         UNIX_LISTENER, ON(&the.unix_listener), 1, mio_unix_listener_accept(it, &the.new_unix_stream, &the.addr))
FUNCTION(mio_unix_listener_accept_or_shed, int,
         (mio_unix_listener *, mio_accept_reserve *, mio_unix_stream *, mio_addr *), PLAIN, NO_MEMORY,
         UNIX_LISTENER | RESERVE, ON(&the.unix_listener), 1,
         mio_unix_listener_accept_or_shed(it, &the.reserve, &the.new_unix_stream, &the.addr))
FUNCTION(mio_unix_listener_local_addr, int, (const mio_unix_listener *, mio_addr *), PLAIN, NO_MEMORY, UNIX_LISTENER,
         ON(&the.unix_listener), 1, mio_unix_listener_local_addr(it, &the.addr))
FUNCTION(mio_unix_listener_take_error, int, (mio_unix_listener *, int *), PLAIN, NO_MEMORY, UNIX_LISTENER,
         ON(&the.unix_listener), 1, mio_unix_listener_take_error(it, &the.number))
FUNCTION(mio_unix_stream_connect, int, (mio_unix_stream *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY, UNIX_LISTENER,
         OF(&the.new_unix_stream), 2, mio_unix_stream_connect(it, &the.unix_addr, 0))
FUNCTION(mio_unix_stream_connect_finish, int, (mio_unix_stream *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 2,
         mio_unix_stream_connect_finish(it))
FUNCTION(mio_unix_stream_pair, int, (mio_unix_stream *, mio_unix_stream *, uint32_t), PLAIN, NO_MEMORY, 0,
         OF(&the.unix_stream), 1, mio_unix_stream_pair(it, &the.unix_peer, 0))
FUNCTION(mio_unix_stream_from_handle, int, (mio_unix_stream *, mio_handle), PLAIN, NO_MEMORY, UNIX,
         OF(&the.unix_stream), 2 + FLAGS, mio_unix_stream_from_handle(it, mio_unix_stream_handle(&the.unix_stream)))
FUNCTION(mio_unix_stream_close, void, (mio_unix_stream *), KEEPS, NO_MEMORY, UNIX, CLOSES(&the.unix_stream), 1,
         VOID(mio_unix_stream_close(it)))
FUNCTION(mio_unix_stream_handle, mio_handle, (const mio_unix_stream *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 0,
         mio_unix_stream_handle(it))
FUNCTION(mio_unix_stream_into_handle, mio_handle, (mio_unix_stream *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 0,
         the.released = mio_unix_stream_into_handle(it))
FUNCTION(mio_unix_stream_read, int64_t, (mio_unix_stream *, void *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_read(it, the.bytes, 8))
FUNCTION(mio_unix_stream_readv, int64_t, (mio_unix_stream *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_readv(it, &the.piece, 1))
FUNCTION(mio_unix_stream_peek, int64_t, (mio_unix_stream *, void *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_peek(it, the.bytes, 8))
FUNCTION(mio_unix_stream_write, int64_t, (mio_unix_stream *, const void *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_write(it, the.bytes, 1))
FUNCTION(mio_unix_stream_writev, int64_t, (mio_unix_stream *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_writev(it, &the.piece, 1))
FUNCTION(mio_unix_stream_send, int64_t, (mio_unix_stream *, const void *, size_t, uint32_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_send(it, the.bytes, 1, MIO_SEND_MORE))
FUNCTION(mio_unix_stream_recv_oob, int, (mio_unix_stream *, unsigned char *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_recv_oob(it, the.byte))
FUNCTION(mio_unix_stream_at_mark, int, (const mio_unix_stream *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 2,
         mio_unix_stream_at_mark(it))
FUNCTION(mio_unix_stream_recv, int64_t, (mio_unix_stream *, void *, size_t, uint32_t *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_recv(it, the.bytes, 8, &the.flags))
FUNCTION(mio_unix_stream_send_with_handles, int64_t,
         (mio_unix_stream *, const void *, size_t, const mio_handle *, size_t), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_send_with_handles(it, the.bytes, 1, &the.handle, 1))
FUNCTION(mio_unix_stream_recv_with_handles, int64_t,
         (mio_unix_stream *, void *, size_t, mio_handle *, size_t, size_t *, uint32_t *), PLAIN, NO_MEMORY,
         UNIX | PASSED, ON(&the.unix_stream), 1,
         mio_unix_stream_recv_with_handles(it, the.bytes, 8, &the.arrived, 1, &the.count, &the.flags))
FUNCTION(mio_unix_stream_send_message, int64_t, (mio_unix_stream *, const mio_unix_message *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_send_message(it, &the.message))
FUNCTION(mio_unix_stream_recv_message, int64_t, (mio_unix_stream *, mio_unix_message *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_recv_message(it, &the.message))
FUNCTION(mio_unix_stream_peer_credentials, int, (const mio_unix_stream *, mio_unix_credentials *), PLAIN, NO_MEMORY,
         UNIX | PASSED, ON(&the.unix_stream), 1, mio_unix_stream_peer_credentials(it, &the.credentials))
FUNCTION(mio_unix_stream_peer_pidfd, mio_handle, (const mio_unix_stream *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), calls_for_pidfd(), the.released = mio_unix_stream_peer_pidfd(it))
FUNCTION(mio_unix_stream_peer_groups, int, (const mio_unix_stream *, uint32_t *, size_t, size_t *), PLAIN, NO_MEMORY,
         UNIX, ON(&the.unix_stream), 1, mio_unix_stream_peer_groups(it, the.groups, MOST_GROUPS, &the.count))
FUNCTION(mio_unix_stream_shutdown, int, (mio_unix_stream *, int), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 1,
         mio_unix_stream_shutdown(it, MIO_SHUTDOWN_WRITE))
FUNCTION(mio_unix_stream_local_addr, int, (const mio_unix_stream *, mio_addr *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_local_addr(it, &the.addr))
FUNCTION(mio_unix_stream_peer_addr, int, (const mio_unix_stream *, mio_addr *), PLAIN, NO_MEMORY, UNIX,
         ON(&the.unix_stream), 1, mio_unix_stream_peer_addr(it, &the.addr))
FUNCTION(mio_unix_stream_take_error, int, (mio_unix_stream *, int *), PLAIN, NO_MEMORY, UNIX, ON(&the.unix_stream), 1,
         mio_unix_stream_take_error(it, &the.number))
FUNCTION(mio_unix_datagram_open, int, (mio_unix_datagram *), PLAIN, NO_MEMORY, 0, OF(&the.unix_datagram), 1,
         mio_unix_datagram_open(it))
FUNCTION(mio_unix_datagram_bind, int, (mio_unix_datagram *, const mio_addr *, uint32_t), PLAIN, NO_MEMORY, 0,
         OF(&the.unix_datagram), 2, mio_unix_datagram_bind(it, &the.unnamed, MIO_UNIX_REPLACE))
FUNCTION(mio_unix_datagram_pair, int, (mio_unix_datagram *, mio_unix_datagram *), PLAIN, NO_MEMORY, 0,
         OF(&the.unix_datagram), 1, mio_unix_datagram_pair(it, &the.unix_sink))
FUNCTION(mio_unix_datagram_from_handle, int, (mio_unix_datagram *, mio_handle), PLAIN, NO_MEMORY, DATAGRAM,
         OF(&the.unix_datagram), 2 + FLAGS,
         mio_unix_datagram_from_handle(it, mio_unix_datagram_handle(&the.unix_datagram)))
FUNCTION(mio_unix_datagram_close, void, (mio_unix_datagram *), KEEPS, NO_MEMORY, DATAGRAM, CLOSES(&the.unix_datagram),
         1, VOID(mio_unix_datagram_close(it)))
FUNCTION(mio_unix_datagram_handle, mio_handle, (const mio_unix_datagram *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 0, mio_unix_datagram_handle(it))
FUNCTION(mio_unix_datagram_into_handle, mio_handle, (mio_unix_datagram *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 0, the.released = mio_unix_datagram_into_handle(it))
FUNCTION(mio_unix_datagram_connect, int, (mio_unix_datagram *, const mio_addr *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_connect(it, &the.unix_addr))
FUNCTION(mio_unix_datagram_send, int64_t, (mio_unix_datagram *, const void *, size_t), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_send(it, the.bytes, 1))
FUNCTION(mio_unix_datagram_send_to, int64_t, (mio_unix_datagram *, const void *, size_t, const mio_addr *), PLAIN,
         NO_MEMORY, DATAGRAM, ON(&the.unix_datagram), 1, mio_unix_datagram_send_to(it, the.bytes, 1, &the.unix_addr))
FUNCTION(mio_unix_datagram_recv, int64_t, (mio_unix_datagram *, void *, size_t, uint32_t *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_sink), 1, mio_unix_datagram_recv(it, the.bytes, 8, &the.flags))
FUNCTION(mio_unix_datagram_recv_from, int64_t, (mio_unix_datagram *, void *, size_t, mio_addr *, uint32_t *), PLAIN,
         NO_MEMORY, DATAGRAM, ON(&the.unix_sink), 1,
         mio_unix_datagram_recv_from(it, the.bytes, 8, &the.addr, &the.flags))
FUNCTION(mio_unix_datagram_peek, int64_t, (mio_unix_datagram *, void *, size_t, uint32_t *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_sink), 1, mio_unix_datagram_peek(it, the.bytes, 8, &the.flags))
FUNCTION(mio_unix_datagram_peek_from, int64_t, (mio_unix_datagram *, void *, size_t, mio_addr *, uint32_t *), PLAIN,
         NO_MEMORY, DATAGRAM, ON(&the.unix_sink), 1,
         mio_unix_datagram_peek_from(it, the.bytes, 8, &the.addr, &the.flags))
FUNCTION(mio_unix_datagram_send_with_handles, int64_t,
         (mio_unix_datagram *, const void *, size_t, const mio_handle *, size_t), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_send_with_handles(it, the.bytes, 1, &the.handle, 1))
FUNCTION(mio_unix_datagram_recv_with_handles, int64_t,
         (mio_unix_datagram *, void *, size_t, mio_handle *, size_t, size_t *, uint32_t *), PLAIN, NO_MEMORY,
         DATAGRAM | PASSED, ON(&the.unix_sink), 1,
         mio_unix_datagram_recv_with_handles(it, the.bytes, 8, &the.arrived, 1, &the.count, &the.flags))
FUNCTION(mio_unix_datagram_send_message, int64_t, (mio_unix_datagram *, const mio_unix_message *), PLAIN, NO_MEMORY,
         DATAGRAM | PASSED, ON(&the.unix_datagram), 1, mio_unix_datagram_send_message(it, &the.message))
FUNCTION(mio_unix_datagram_recv_message, int64_t, (mio_unix_datagram *, mio_unix_message *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_sink), 1, mio_unix_datagram_recv_message(it, &the.message))
FUNCTION(mio_unix_datagram_shutdown, int, (mio_unix_datagram *, int), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_shutdown(it, MIO_SHUTDOWN_WRITE))
FUNCTION(mio_unix_datagram_local_addr, int, (const mio_unix_datagram *, mio_addr *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_local_addr(it, &the.addr))
FUNCTION(mio_unix_datagram_peer_addr, int, (const mio_unix_datagram *, mio_addr *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_peer_addr(it, &the.addr))
FUNCTION(mio_unix_datagram_take_error, int, (mio_unix_datagram *, int *), PLAIN, NO_MEMORY, DATAGRAM,
         ON(&the.unix_datagram), 1, mio_unix_datagram_take_error(it, &the.number))

/* Pipes. */
FUNCTION(mio_pipe_pair, int, (mio_pipe_sender *, mio_pipe_receiver *), PLAIN, NO_MEMORY, 0, OF(&the.pipe_sender), 1,
         mio_pipe_pair(it, &the.pipe_receiver))
FUNCTION(mio_pipe_sender_from_handle, int, (mio_pipe_sender *, mio_handle), PLAIN, NO_MEMORY, PIPES,
         OF(&the.pipe_sender), 2 + FLAGS, mio_pipe_sender_from_handle(it, mio_pipe_sender_handle(&the.pipe_sender)))
FUNCTION(mio_pipe_receiver_from_handle, int, (mio_pipe_receiver *, mio_handle), PLAIN, NO_MEMORY, PIPES,
         OF(&the.pipe_receiver), 2 + FLAGS,
         mio_pipe_receiver_from_handle(it, mio_pipe_receiver_handle(&the.pipe_receiver)))
FUNCTION(mio_pipe_sender_close, void, (mio_pipe_sender *), KEEPS, NO_MEMORY, PIPES, CLOSES(&the.pipe_sender), 1,
         VOID(mio_pipe_sender_close(it)))
FUNCTION(mio_pipe_receiver_close, void, (mio_pipe_receiver *), KEEPS, NO_MEMORY, PIPES, CLOSES(&the.pipe_receiver), 1,
         VOID(mio_pipe_receiver_close(it)))
FUNCTION(mio_pipe_sender_handle, mio_handle, (const mio_pipe_sender *), PLAIN, NO_MEMORY, PIPES, ON(&the.pipe_sender),
         0, mio_pipe_sender_handle(it))
FUNCTION(mio_pipe_receiver_handle, mio_handle, (const mio_pipe_receiver *), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_receiver), 0, mio_pipe_receiver_handle(it))
FUNCTION(mio_pipe_sender_into_handle, mio_handle, (mio_pipe_sender *), PLAIN, NO_MEMORY, PIPES, ON(&the.pipe_sender), 0,
         the.released = mio_pipe_sender_into_handle(it))
FUNCTION(mio_pipe_receiver_into_handle, mio_handle, (mio_pipe_receiver *), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_receiver), 0, the.released = mio_pipe_receiver_into_handle(it))
FUNCTION(mio_pipe_sender_write, int64_t, (mio_pipe_sender *, const void *, size_t), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_sender), calls_to_write(), mio_pipe_sender_write(it, the.bytes, 1))
FUNCTION(mio_pipe_sender_writev, int64_t, (mio_pipe_sender *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_sender), calls_to_write(), mio_pipe_sender_writev(it, &the.piece, 1))
FUNCTION(mio_pipe_receiver_read, int64_t, (mio_pipe_receiver *, void *, size_t), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_receiver), 1, mio_pipe_receiver_read(it, the.bytes, 8))
FUNCTION(mio_pipe_receiver_readv, int64_t, (mio_pipe_receiver *, const mio_iovec *, size_t), PLAIN, NO_MEMORY, PIPES,
         ON(&the.pipe_receiver), 1, mio_pipe_receiver_readv(it, &the.piece, 1))

/* Signals, their masks, and functions that a signal handler may call. */
FUNCTION(mio_safe_write, int64_t, (mio_handle, const void *, size_t), HANDLER, NO_MEMORY, PIPES,
         NONE("no object, and of the buffer the system says what is wrong"), calls_to_write() + 1,
         mio_safe_write(mio_pipe_sender_handle(&the.pipe_sender), the.bytes, 1))
FUNCTION(mio_text_init, int, (mio_text *, char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_init(it, the.bytes, sizeof the.bytes))
FUNCTION(mio_text_append, int, (mio_text *, const char *), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append(it, "text"))
FUNCTION(mio_text_append_bytes, int, (mio_text *, const char *, size_t), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_bytes(it, "text", 4))
FUNCTION(mio_text_append_int, int, (mio_text *, int64_t), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_int(it, INT64_MIN))
FUNCTION(mio_text_append_uint, int, (mio_text *, uint64_t), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_uint(it, UINT64_MAX))
FUNCTION(mio_text_append_hex, int, (mio_text *, uint64_t, int), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_hex(it, UINT64_MAX, 16))
FUNCTION(mio_text_append_pointer, int, (mio_text *, const void *), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_pointer(it, &the))
FUNCTION(mio_text_append_signal, int, (mio_text *, int), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_signal(it, SIGTERM))
FUNCTION(mio_text_append_error, int, (mio_text *, int), HANDLER, NO_MEMORY, 0, OF(&the.line), 0,
         mio_text_append_error(it, ENOENT))
FUNCTION(mio_text_write, int64_t, (const mio_text *, mio_handle), HANDLER, NO_MEMORY, PIPES, OF(&the.line),
         calls_to_write() + 1, mio_text_write(it, mio_pipe_sender_handle(&the.pipe_sender)))
FUNCTION(mio_signal_name, const char *, (int), HANDLER, NO_MEMORY, 0, NONE("any number is one"), 0,
         mio_signal_name(SIGTERM) != NULL)
FUNCTION(mio_handle_close, void, (mio_handle), KEEPS, NO_MEMORY, PIPES, NONE("a negative handle is ignored"), 1,
         (mio_handle_close(mio_pipe_sender_into_handle(&the.pipe_sender)), 0))
FUNCTION(mio_error_name, const char *, (int), HANDLER, NO_MEMORY, 0, NONE("any number is one"), 0,
         mio_error_name(ENOENT) != NULL)
FUNCTION(mio_signal_mask_block, int, (mio_signal_mask *, const int *, size_t), HANDLER, NO_MEMORY, MASK,
         OF(&the.number), 1, mio_signal_mask_block(&the.mask, it, 1))
FUNCTION(mio_signal_mask_unblock, int, (mio_signal_mask *, const int *, size_t), HANDLER, NO_MEMORY, MASK,
         OF(&the.number), 1, mio_signal_mask_unblock(&the.mask, it, 1))
FUNCTION(mio_signal_mask_block_all, int, (mio_signal_mask *), HANDLER, NO_MEMORY, MASK,
         NONE("null is welcome: tests/api/safe.c"), 1, mio_signal_mask_block_all(&the.mask))
FUNCTION(mio_signal_mask_unblock_all, int, (mio_signal_mask *), HANDLER, NO_MEMORY, MASK,
         NONE("null is welcome: tests/api/safe.c"), 1, mio_signal_mask_unblock_all(&the.mask))
FUNCTION(mio_signal_mask_restore, int, (const mio_signal_mask *), HANDLER, NO_MEMORY, MASK, OF(&the.mask), 1,
         mio_signal_mask_restore(it))
FUNCTION(mio_signal_mask_from_sigset, int, (mio_signal_mask *, const void *, size_t), HANDLER, NO_MEMORY, 0,
         OF(&the.mask), 0, mio_signal_mask_from_sigset(it, &the.sigset, sizeof the.sigset))
FUNCTION(mio_signal_mask_to_sigset, int, (const mio_signal_mask *, void *, size_t), HANDLER, NO_MEMORY, 0,
         OF(&the.mask), 0, mio_signal_mask_to_sigset(it, &the.sigset, sizeof the.sigset))
FUNCTION(mio_signals_open, int, (mio_signals *, const int *, size_t, uint32_t), PLAIN, NO_MEMORY, 0, OF(&the.signals),
         UNCOUNTED("sets up or takes down: that depends on what is there"), mio_signals_open(it, &the.number, 1, 0))
FUNCTION(mio_signals_close, void, (mio_signals *), KEEPS, NO_MEMORY, SIGNALS, CLOSES(&the.signals),
         UNCOUNTED("sets up or takes down: that depends on what is there"), VOID(mio_signals_close(it)))
FUNCTION(mio_signals_handle, mio_handle, (const mio_signals *), PLAIN, NO_MEMORY, SIGNALS, ON(&the.signals), 0,
         mio_signals_handle(it))
FUNCTION(mio_signals_recv, int, (mio_signals *, mio_signal_info *), PLAIN, NO_MEMORY, SIGNALS | RAISED,
         ON(&the.signals), 1, mio_signals_recv(it, &the.info))

/* The service manager. */
FUNCTION(mio_service_listen_count, int, (void), PLAIN, NO_MEMORY, SERVICE, NONE("it has none"),
         UNCOUNTED("the variables decide"), mio_service_listen_count())
FUNCTION(mio_service_listen_handle, mio_handle, (size_t), PLAIN, NO_MEMORY, SERVICE, NONE("any number is one"),
         UNCOUNTED("the variables decide"), mio_service_listen_handle(the.count))
FUNCTION(mio_service_listen_name, int, (size_t, char *, size_t), PLAIN, NO_MEMORY, SERVICE, OF(&the.bytes[0]),
         UNCOUNTED("the variables decide"), mio_service_listen_name(0, it, sizeof the.bytes))
FUNCTION(mio_service_listen_find, int, (const char *, size_t), PLAIN, NO_MEMORY, SERVICE, OF(&the.bytes[0]),
         UNCOUNTED("the variables decide"), mio_service_listen_find(it, 0))
FUNCTION(mio_service_notify, int, (const char *, const mio_handle *, size_t), PLAIN, NO_MEMORY, SERVICE,
         OF(&the.bytes[0]), UNCOUNTED("the variables decide"), mio_service_notify(it, NULL, 0))
FUNCTION(mio_service_notify_reloading, int, (void), PLAIN, NO_MEMORY, SERVICE, NONE("it has none"),
         UNCOUNTED("the variables decide"), mio_service_notify_reloading())
FUNCTION(mio_service_notify_barrier, int, (int64_t), PLAIN, NO_MEMORY, 0, NONE("any number is one"),
         UNCOUNTED("the variables decide"), mio_service_notify_barrier(0))
FUNCTION(mio_service_watchdog, int, (int64_t *), PLAIN, NO_MEMORY, SERVICE, OF(&the.value),
         UNCOUNTED("the variables decide"), mio_service_watchdog(it))
FUNCTION(mio_service_forget, int, (uint32_t), PLAIN, NO_MEMORY, SERVICE, NONE("any number is one"),
         UNCOUNTED("the variables decide"), mio_service_forget(MIO_SERVICE_LISTEN))

/* The version. */
FUNCTION(mio_version, int, (void), HANDLER, NO_MEMORY, 0, NONE("it has none"), 0, mio_version())
FUNCTION(mio_version_string, const char *, (void), HANDLER, NO_MEMORY, 0, NONE("it has none"), 0,
         mio_version_string() != NULL)
