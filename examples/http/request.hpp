// SPDX-License-Identifier: MIT
//
// A request that arrives in pieces. Boost.Beast's parser checks the syntax, without Asio's input and output and without
// an allocation. This class adds checks that the parser does not make:
//
//  - A proxy and a server might disagree about the end of a request (request smuggling, RFC 9112, 11.2). This class
//    rejects requests with a folded line, with a transfer coding other than "chunked", with chunks in HTTP/1.0, or with
//    a bare LF in a quoted chunk extension. The parser itself rejects requests with Content-Length beside
//    Transfer-Encoding, with two values of Content-Length, with a bare CR, or with a blank before a colon.
//  - The parser limits each line of a header, and does not count the bytes between chunks towards its limit for the
//    body. This class counts every byte of a request.
//  - The parser ignores Host and Expect.
#ifndef HTTP_REQUEST_HPP
#define HTTP_REQUEST_HPP

// The parser asserts that the last chunk does not arrive byte by byte. But the last chunk can arrive byte by byte, and
// the parser handles this case correctly.
#define BOOST_DISABLE_ASSERTS
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <cstddef>
#include <cstdint>

namespace http_hello {

namespace http = boost::beast::http;
using boost::beast::iequals;
using boost::beast::string_view;

constexpr std::size_t max_header = 8192; // the whole header; also a line between two chunks, or the trailer
constexpr std::size_t max_body = 65536;  // includes the bytes between chunks

class Request : private http::basic_parser<true> {
    using Error = boost::system::error_code;

public:
    Request()
    {
        header_limit(max_header);
        body_limit(max_body);
        eager(true); // continues from the header to the body, and from chunk to chunk
    }

    // Parses bytes that have arrived, and returns the number of consumed bytes. The caller passes the remaining bytes
    // again, together with later bytes.
    std::size_t take(const char *data, std::size_t size);

    // Returns whether the request is complete, or can be rejected without looking at the rest.
    bool is_over() const { return status_ != 0; }

    // Returns whether no byte of the request has arrived.
    bool is_empty() const { return size_ == 0; }

    // Returns the HTTP status code of the answer, or 0 while the server needs more bytes of the request.
    int status() const { return status_; }

    bool is_head() const { return method_ == http::verb::head; }

    // Returns whether another request can follow on this connection. If the end of this request is unknown, no request
    // can follow.
    bool keeps_alive() const { return is_done() && !is_refused_ && !says_close_ && keep_alive(); }

    // Returns whether the client has announced that this request is its last.
    bool is_last() const { return is_done() && !is_refused_ && !keeps_alive(); }

    bool is_http_1_0() const { return version_ == 10; }

    // Returns whether the client waits for "100 Continue" before it sends the body. Returns true only once.
    bool take_wait()
    {
        const bool waits = expects_continue_ && is_header_done() && status_ == 0;
        expects_continue_ = expects_continue_ && !waits;
        return waits;
    }

private:
    // Rejects the request with the HTTP status code `status`. The parser stops at the error, and put() returns the
    // error.
    void refuse(int status, Error &error)
    {
        status_ = status;
        is_refused_ = true;
        error = http::error::bad_value;
    }
    void finish(const Error &error);

    // Returns the limit of the length of the request. Until the header is complete, the function returns the limit of
    // the header alone.
    std::size_t limit() const { return is_header_done() ? max_header + max_body : max_header; }

    void on_request_impl(http::verb method, string_view, string_view target, int version, Error &) override;
    void on_field_impl(http::field field, string_view name, string_view value, Error &error) override;
    void on_header_impl(Error &error) override
    {
        if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) refuse(400, error);
    }

    // This server ignores the content of a body.
    std::size_t on_body_impl(string_view body, Error &) override { return body.size(); }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, Error &) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view extension, Error &error) override
    {
        if (extension.find('\n') != string_view::npos) refuse(400, error);
    }
    void on_body_init_impl(const boost::optional<std::uint64_t> &, Error &) override {}
    void on_finish_impl(Error &) override {}
    void on_response_impl(int, string_view, int, Error &) override {}

    int status_ = 0;
    bool is_refused_ = false; // not set for a valid request that gets 404 or 405
    bool is_found_ = false;
    bool says_close_ = false;
    bool expects_continue_ = false;
    int version_ = 11;
    int hosts_ = 0;
    http::verb method_ = http::verb::unknown;
    std::size_t size_ = 0; // number of consumed bytes
};

// Returns the path in the target of a request. A target is "/path?query" or "http://host/path?query". Every server must
// accept both forms.
inline string_view path_of(string_view target)
{
    if (iequals(target.substr(0, 7), "http://")) {
        target.remove_prefix(7);
        target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    }
    target = target.substr(0, target.find('?'));
    return target.empty() ? string_view("/") : target;
}

inline void Request::on_request_impl(http::verb method, string_view, string_view target, int version, Error &)
{
    method_ = method;
    version_ = version;
    is_found_ = path_of(target) == "/";
}

inline void Request::on_field_impl(http::field field, string_view name, string_view value, Error &error)
{
    // The value begins here, unless the parser joined the value from folded lines. A line end follows the value.
    const char *begin = name.end() + 1;
    while (*begin == ' ' || *begin == '\t')
        begin++;
    if (begin != value.begin()) return refuse(400, error);

    switch (field) {
    case http::field::host:
        hosts_++;
        if (value.find_first_of(" \t/?#@\\") != string_view::npos) refuse(400, error);
        break;
    case http::field::connection:
        says_close_ = says_close_ || http::token_list(value).exists("close");
        break;
    case http::field::transfer_encoding:
        if (version_ == 10)
            refuse(400, error);
        else if (!iequals(value, "chunked"))
            refuse(501, error);
        break;
    case http::field::expect:
        if (version_ == 10) break; // HTTP/1.0 ignores this field
        expects_continue_ = iequals(value, "100-continue");
        if (!expects_continue_) refuse(417, error);
        break;
    default:
        break;
    }
}

// Chooses the HTTP status code of the answer, unless refuse() has chosen the code already. If the parser has rejected
// the request, `error` is the reason.
inline void Request::finish(const Error &error)
{
    if (status_ != 0) return; // known already
    is_refused_ = bool(error);
    if (error == http::error::body_limit)
        status_ = 413;
    else if (error == http::error::header_limit)
        status_ = 431;
    else if (error)
        status_ = 400;
    else if (method_ != http::verb::get && method_ != http::verb::head)
        status_ = 405;
    else
        status_ = is_found_ ? 200 : 404;
}

inline std::size_t Request::take(const char *data, std::size_t size)
{
    std::size_t blank = 0; // a client may send an empty line before a request (RFC 9112, 2.2)
    if (is_empty()) {
        while (blank < size && (data[blank] == '\r' || data[blank] == '\n'))
            blank++;
        if (blank == size) return blank;
    }
    const std::size_t given = std::min(size - blank, limit() - size_);
    Error error;
    const std::size_t used = put(boost::asio::const_buffer(data + blank, given), error);
    size_ += used;
    if (is_done() || (error && error != http::error::need_more))
        finish(error);
    else if (size_ + given - used == limit() || given - used == max_header) // the request can no longer fit
        finish(is_header_done() ? http::error::body_limit : http::error::header_limit);
    return blank + used;
}

} // namespace http_hello

#endif // HTTP_REQUEST_HPP
