// SPDX-License-Identifier: MIT
// Checks that examples/http parses each request in the same way, wherever the system cuts the request into pieces.
// http.sh runs this program.
#include "http/request.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using http_hello::max_body;
using http_hello::max_header;
using http_hello::Request;

// Parses the next part of the buffer. For each request, appends the status of the answer to `outcome`, and then "+" if
// the connection stays open, or "-" if not.
bool advance(Request &request, std::string &buffer, std::string &outcome)
{
    while (!buffer.empty()) {
        const std::size_t used = request.take(buffer.data(), buffer.size());
        buffer.erase(0, used);
        if (request.is_over()) {
            outcome += std::to_string(request.status()) + (request.keeps_alive() ? "+ " : "- ");
            if (!request.keeps_alive()) return false;
            request = Request();
        } else if (used == 0) {
            return true;
        }
    }
    return true;
}

// Parses bytes that arrive in pieces. size_at returns the length of the piece at a position.
std::string outcome_of(const std::string &bytes, const std::function<std::size_t(std::size_t)> &size_at)
{
    Request request;
    std::string buffer;
    std::string outcome;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min(size_at(at), max_header - buffer.size());
        if (size == 0) return outcome + "stuck";
        buffer += bytes.substr(at, size);
        at += size;
        if (!advance(request, buffer, outcome)) return outcome;
    }
    return request.is_empty() && buffer.empty() ? outcome : outcome + "more";
}

struct Case {
    std::string bytes;
    std::string outcome;
};

int failures = 0;

void check(const Case &expected, const char *pieces, std::size_t cut, const std::string &outcome)
{
    if (outcome == expected.outcome || ++failures > 10) return;
    std::printf("    %s %zu: '%s', not '%s', of:\n%.400s\n", pieces, cut, outcome.c_str(), expected.outcome.c_str(),
                expected.bytes.c_str());
}

void check_all_cuts(const Case &expected)
{
    check(expected, "whole", 0, outcome_of(expected.bytes, [](std::size_t) { return max_header; }));
    check(expected, "single bytes", 1, outcome_of(expected.bytes, [](std::size_t) { return std::size_t{1}; }));
    for (std::size_t cut = 1; cut < std::min(expected.bytes.size(), std::size_t{400}); cut++)
        check(expected, "cut at", cut,
              outcome_of(expected.bytes, [cut](std::size_t at) { return at < cut ? cut - at : max_header; }));
}

// Returns a request with these fields besides Host.
std::string with(const std::string &fields, const std::string &body = "")
{
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string repeat(std::size_t count, const std::string &text)
{
    std::string result;
    for (std::size_t i = 0; i < count; i++)
        result += text;
    return result;
}

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const std::vector<Case> good = {
    {get, "200+ "},
    {"HEAD / HTTP/1.1\r\nhost:a\r\n\r\n", "200+ "},
    {get + "GET /no HTTP/1.1\r\nHost: a\r\n\r\n" + get, "200+ 404+ 200+ "},
    {"\r\n\r\n" + get + "\r\n" + get + "\r\n", "200+ 200+ "},
    {"GET /?query HTTP/1.1\r\nHost: a\r\n\r\n", "200+ "},
    {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n" + get, "200+ 200+ "},
    {"GET HTTP://a:80/?b HTTP/1.1\r\nHost: a\r\n\r\n", "200+ "},
    {"GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "404+ "},
    {"get / HTTP/1.1\r\nHost: a\r\n\r\n", "405+ "}, // methods are case-sensitive
    {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "405+ "},
    {"GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t \r\nZ: b \t\r\n\r\n" + get, "200+ 200+ "},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get, "200- "},
    {"GET / HTTP/1.1\r\nHost: a\r\nconnection: x, CLOSE\r\n\r\n" + get, "200- "},
    {"GET / HTTP/1.0\r\n\r\n" + get, "200- "},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get, "200+ 200+ "},
    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n" + get, "200- "},
    {with("Content-Length: 5\r\n", "GET /") + get, "405+ 200+ "},
    {with("Content-Length: 0\r\n") + get, "405+ 200+ "},
    {with("Content-Length: 5\r\nContent-Length: 5\r\n", "GET /") + get, "405+ 200+ "},
    {with("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + get, "405+ 200+ "},
    {with("transfer-encoding: CHUNKED\r\n", "5\r\nGET /\r\n1;a=\"b;c\"\r\nx\r\n000\r\nT: t\r\n\r\n") + get,
     "405+ 200+ "},
    {with("Transfer-Encoding: chunked\r\n", "00A\r\n0123456789\r\n0;x\r\n\r\n") + get, "405+ 200+ "},
    {with("Expect: 100-continue\r\nContent-Length: 1\r\n", "") + "x" + get, "405+ 200+ "},
    {with("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", "") + "0\r\n\r\n" + get, "405+ 200+ "},
    {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", "405- "},
    {"GET / HTTP/1.1\r\nHost: a\r\n", "more"},
    {with("Content-Length: 5\r\n", "GET "), "more"},
    {with("Transfer-Encoding: chunked\r\n", "0\r\n\r"), "more"},
};

// A proxy and the server might disagree about where these requests end. So the server closes the connection after its
// answer. The server can recognise some of these requests only after the empty line.
const std::vector<Case> smuggled = {
    {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + get, "400- "},
    {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") + get, "400- "},
    {with("Content-Length: 5\r\nContent-Length: 6\r\n", "GET /x"), "400- "},
    {with("Content-Length: 5, 6\r\n", "GET /x"), "400- "},
    {with("Content-Length: +5\r\n", "GET /"), "400- "},
    {with("Content-Length: -5\r\n", "GET /"), "400- "},
    {with("Content-Length: 0x5\r\n", "GET /"), "400- "},
    {with("Content-Length: 5 5\r\n", "GET /"), "400- "},
    {with("Content-Length:\r\n"), "400- "},
    {with("Content-Length: 18446744073709551621\r\n", "GET /"), "400- "},
    {with("Content-Length : 5\r\n", "GET /"), "400- "},
    {with("X: y\r\n Content-Length: 5\r\n", "GET /"), "400- "}, // a folded field
    {with("X: y\r\n\tz\r\n"), "400- "},
    {with("X:\r\n y\r\n"), "400- "},
    {with("X: y\r\n \r\n"), "400- "},
    {with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), "400- "},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400- "},
    {with("X: a\rContent-Length: 5\r\n", "GET /"), "400- "}, // a CR without an LF
    {with("X: a\nContent-Length: 5\r\n", "GET /"), "400- "}, // an LF without a CR
    {"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", "400- "},        // LFs without a CR
    {with(std::string("X: a\0b\r\n", 8)), "400- "},          // a null byte
    {with("Transfer-Encoding: gzip\r\n", "GET /"), "501- "},
    {with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501- "},
    {with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), "501- "},
    {with("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "GET /"), "501- "},
    {with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "501- "},
    {with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "501- "},
    {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), "400- "},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400- "},
    {with("Transfer-Encoding: chunked\r\n", "0x5\r\nGET /\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "+5\r\nGET /\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "\r\n0\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "5\r\nGET /XX0\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "5\nGET /\n0\n\n\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nGET /\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "1;a=\"\n\"\r\nx\r\n0\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "1;a=\"b\\\nc\"\r\nx\r\n0\r\n\r\n"), "400- "},
    {with("Transfer-Encoding: chunked\r\n", "0;a=\"\n\"\r\n\r\n") + get, "400- "},
    {with("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\n\r\nGET /"), "400- "},
};

const std::vector<Case> bad = {
    {"GET / HTTP/1.1\r\n\r\n", "400- "}, // five requests with no Host, two Hosts or a wrong Host
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400- "},
    {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400- "},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400- "},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400- "},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400- "},
    {"GET / http/1.1\r\nHost: a\r\n\r\n", "400- "},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400- "},
    {"GET /\r\n\r\n", "400- "},
    {"GET\r\n\r\n", "400- "},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400- "},
    {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", "400- "},
    {"\x16\x03\x01\x02 a client that speaks TLS", "400- "},
    {"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "400- "},
    {"GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", "400- "},
    {with("Expect: a-miracle\r\n"), "417- "},
};

// Requests with a part that has exactly the largest size that examples/http accepts, and requests with a longer part.
std::vector<Case> limits()
{
    const std::string chunked = with("Transfer-Encoding: chunked\r\n");
    const std::string line = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::string longest = line + std::string(max_header - line.size() - 4, 'x') + "\r\n\r\n";
    return {
        {longest + get, "200+ 200+ "},
        {line + std::string(max_header - line.size() - 3, 'x') + "\r\n\r\n", "431- "},
        {"GET /" + std::string(max_header, 'x'), "431- "},
        {line + repeat(max_header / 5, "\r\nX: y") + "\r\n\r\n", "431- "},
        {with("Content-Length: " + std::to_string(max_body) + "\r\n", std::string(max_body, 'x')) + get, "405+ 200+ "},
        {with("Content-Length: " + std::to_string(max_body + 1) + "\r\n"), "413- "},
        {with("Content-Length: 18446744073709551615\r\n"), "413- "},
        {chunked + "8000\r\n" + std::string(32768, 'x') + "\r\n0\r\n\r\n" + get, "405+ 200+ "},
        {chunked + "10001\r\n", "413- "},
        {chunked + repeat(max_body, "1\r\nx\r\n"), "413- "}, // most of these bytes do not belong to the body
        {chunked + "1;" + std::string(max_header, 'x'), "413- "},
        {chunked + "0\r\n" + repeat(max_header / 5, "X: y\r\n") + "\r\n", "413- "},
    };
}

} // namespace

int main()
{
    for (const std::vector<Case> &cases : {good, smuggled, bad, limits()})
        for (const Case &expected : cases)
            check_all_cuts(expected);
    return failures == 0 ? 0 : 1;
}
