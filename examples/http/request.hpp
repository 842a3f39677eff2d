// SPDX-License-Identifier: MIT
//
// The class Request parses an HTTP request that arrives in pieces. Its base class is the parser of Boost.Beast, which
// checks the syntax. The parser allocates no memory, and does no input or output. Request adds checks that the parser
// does not make:
//
//  - Request smuggling (RFC 9112, 11.2): a proxy and a server can disagree about where a request ends. Request rejects
//    a folded line, a transfer coding other than "chunked", chunks in HTTP/1.0, and a bare LF in a quoted chunk
//    extension. The parser itself rejects Content-Length together with Transfer-Encoding, two values of Content-Length,
//    a bare CR, and a blank before the colon of a field.
//  - Limits: the parser's limit for the header applies to each line separately. The parser's limit for the body ignores
//    the bytes between chunks. Request has limits that count every byte.
//  - Host and Expect: the parser ignores these fields, and Request checks them.
#ifndef HTTP_REQUEST_HPP
#define HTTP_REQUEST_HPP

// The parser has an assertion that fails when the last chunk arrives byte by byte. A client may send the last chunk in
// this way, and the parser parses such a chunk correctly. So this file turns the assertions off.
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

constexpr std::size_t max_header = 8192; // limit for the header, for a line between two chunks, and for the trailer
constexpr std::size_t max_body = 65536;  // limit for the body, including the bytes between chunks

class Request : private http::basic_parser<true> {
    using Error = boost::system::error_code;

public:
    Request()
    {
        header_limit(max_header);
        body_limit(max_body);
        eager(true); // one call of put() parses the header, the body and several chunks
    }

    // Parses `size` bytes that have arrived. Returns how many of these bytes the parser has consumed. In the next call,
    // the caller must pass the remaining bytes again, and then the bytes that arrived later.
    std::size_t take(const char *data, std::size_t size);

    // Returns whether the server can answer: the request is complete, or the part that has arrived is enough to reject
    // the request.
    bool is_over() const { return status_ != 0; }

    // Returns whether no byte of the request has arrived.
    bool is_empty() const { return size_ == 0; }

    // Returns the HTTP status code of the answer, or 0 if the server needs more bytes of the request.
    int status() const { return status_; }

    bool is_head() const { return method_ == http::verb::head; }

    // Returns whether the connection stays open for another request. Returns false after a rejected request, because
    // the server does not know where the next request would begin.
    bool keeps_alive() const { return is_done() && !is_refused_ && !says_close_ && keep_alive(); }

    // Returns whether the client has announced that this request is its last.
    bool is_last() const { return is_done() && !is_refused_ && !keeps_alive(); }

    bool is_http_1_0() const { return version_ == 10; }

    // Returns whether the client waits for "100 Continue" before it sends the body. Returns true at most once for each
    // request.
    bool take_wait()
    {
        const bool waits = expects_continue_ && is_header_done() && status_ == 0;
        expects_continue_ = expects_continue_ && !waits;
        return waits;
    }

private:
    // Rejects the request with the HTTP status code `status`. Sets `error`, so that the parser stops and put() returns
    // the error.
    void refuse(int status, Error &error)
    {
        status_ = status;
        is_refused_ = true;
        error = http::error::bad_value;
    }
    void finish(const Error &error);

    // Returns the limit for the number of bytes in the request. Until the header is complete, this limit is max_header.
    // After that, the limit is the sum of max_header and max_body.
    std::size_t limit() const { return is_header_done() ? max_header + max_body : max_header; }

    void on_request_impl(http::verb method, string_view, string_view target, int version, Error &) override;
    void on_field_impl(http::field field, string_view name, string_view value, Error &error) override;
    void on_header_impl(Error &error) override
    {
        if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) refuse(400, error);
    }

    // The server ignores the body of a request. The results tell the parser that the functions have used all bytes.
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
    bool is_refused_ = false; // false for a valid request, even if its answer is 404 or 405
    bool is_found_ = false;
    bool says_close_ = false;
    bool expects_continue_ = false;
    int version_ = 11;
    int hosts_ = 0;
    http::verb method_ = http::verb::unknown;
    std::size_t size_ = 0; // number of consumed bytes
};

// Returns the path in the target of a request. The target is "/path?query" or "http://host/path?query", and HTTP
// requires that a server accepts both forms.
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
    // If the field is not folded, its value begins after the colon and the blanks. If the field is folded, the parser
    // copies the value to another buffer, so `value` does not begin at `begin`. The loop stops at the end of the line
    // at the latest.
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
        if (version_ == 10) break; // a server must ignore this field in HTTP/1.0
        expects_continue_ = iequals(value, "100-continue");
        if (!expects_continue_) refuse(417, error);
        break;
    default:
        break;
    }
}

// Sets the HTTP status code of the answer, if refuse() has not set the code already. If the parser has rejected the
// request, `error` is the reason.
inline void Request::finish(const Error &error)
{
    if (status_ != 0) return; // refuse() has set the code
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
    std::size_t blank = 0; // number of bytes in the empty lines that a client may send before a request (RFC 9112, 2.2)
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
    else if (size_ + given - used == limit() || given - used == max_header) // the request is too long
        finish(is_header_done() ? http::error::body_limit : http::error::header_limit);
    return blank + used;
}

} // namespace http_hello

#endif // HTTP_REQUEST_HPP
