/* SPDX-License-Identifier: MIT */
#include "errno_kept.h"

#include <string.h>

/*
 * The functions that a signal handler may call. tests/docs/man_contract.sh compares this with "Safety:" in the headers.
 */
static const char *const handler_functions[] = {
    "mio_accept_is_transient",
    "mio_addr_compare",
    "mio_addr_family",
    "mio_addr_flowinfo",
    "mio_addr_format",
    "mio_addr_from_abstract",
    "mio_addr_from_ipv4",
    "mio_addr_from_ipv6",
    "mio_addr_from_mapped",
    "mio_addr_from_path",
    "mio_addr_from_sockaddr",
    "mio_addr_hash",
    "mio_addr_ip",
    "mio_addr_is_loopback",
    "mio_addr_is_multicast",
    "mio_addr_is_unnamed",
    "mio_addr_is_unspecified",
    "mio_addr_port",
    "mio_addr_scope_id",
    "mio_addr_set_port",
    "mio_addr_to_mapped",
    "mio_addr_to_sockaddr",
    "mio_addr_unix_abstract",
    "mio_addr_unix_path",
    "mio_addr_unnamed",
    "mio_ancillary_clear",
    "mio_ancillary_destination",
    "mio_ancillary_drops",
    "mio_ancillary_original_destination",
    "mio_ancillary_segment_size",
    "mio_ancillary_set_segment_size",
    "mio_ancillary_set_source",
    "mio_ancillary_set_tos",
    "mio_ancillary_set_ttl",
    "mio_ancillary_timestamp",
    "mio_ancillary_tos",
    "mio_ancillary_ttl",
    "mio_clock_now",
    "mio_error_name",
    "mio_event_format",
    "mio_event_is_aio",
    "mio_event_is_error",
    "mio_event_is_lio",
    "mio_event_is_priority",
    "mio_event_is_read_closed",
    "mio_event_is_readable",
    "mio_event_is_writable",
    "mio_event_is_write_closed",
    "mio_interest_format",
    "mio_poll_backend_name",
    "mio_safe_write",
    "mio_signal_mask_block",
    "mio_signal_mask_block_all",
    "mio_signal_mask_from_sigset",
    "mio_signal_mask_restore",
    "mio_signal_mask_to_sigset",
    "mio_signal_mask_unblock",
    "mio_signal_mask_unblock_all",
    "mio_signal_name",
    "mio_text_append",
    "mio_text_append_bytes",
    "mio_text_append_error",
    "mio_text_append_hex",
    "mio_text_append_int",
    "mio_text_append_pointer",
    "mio_text_append_signal",
    "mio_text_append_uint",
    "mio_text_init",
    "mio_text_write",
    "mio_version",
    "mio_version_string",
    "mio_waker_wake",
};

static bool is_end(const char *name, size_t length, const char *end)
{
    const size_t end_length = strlen(end);
    return length > end_length && strncmp(name + length - end_length, end, end_length) == 0;
}

bool promises_errno(const char *call)
{
    const char *name = strstr(call, "mio_");
    if (name == NULL) {
        return false;
    }
    const size_t length = strcspn(name, "(");
    const char *deregister = strstr(name, "_deregister");
    if ((deregister != NULL && deregister < name + length) || is_end(name, length, "_close") ||
        is_end(name, length, "_free")) {
        return true;
    }
    for (size_t i = 0; i < sizeof handler_functions / sizeof handler_functions[0]; i++) {
        if (strlen(handler_functions[i]) == length && strncmp(handler_functions[i], name, length) == 0) {
            return true;
        }
    }
    return false;
}
