// SPDX-License-Identifier: MIT
// mio for C++17 and later. The header has the whole interface of <mio.h>, with owning types, std::chrono for times, and
// Result for errors. The C++ interface consists only of headers. Instead of this header, a program can include single
// headers, such as <mio/tcp.hpp>. The C++ types add no behaviour. Each C++ header wraps the C header of the same name:
// <mio/tcp.hpp> wraps <mio/tcp.h>. The C header describes each function, its errors, and its safety for threads and
// signal handlers.
//
//  - Owning types are move-only. A moved-from object is closed or empty. Every call on such an object fails, and no
//    call has undefined behaviour.
//  - A function that can fail returns a Result. Only these functions can throw: Result::value and Result::or_throw,
//    which throw an error, and to_string(), str() and the constructor of Events, which allocate memory. The headers
//    also compile without exceptions and without run-time type information. Functions that wait, read, write, send or
//    receive are not noexcept. If a thread is cancelled in such a function, the stack unwinds through the function.
//  - raw() returns the C object, so that C and C++ can work on the same object. The C++ object still owns the C object.
//    The function release() gives the C object to the caller. To take over a C object, pass it to the constructor.
//  - Some functions return a reference into their object, for example c_str(), registry() and raw(). Call such a
//    function only on a named object. On a temporary, the call does not compile, because the temporary is destroyed at
//    the end of the statement.
#ifndef MIO_HPP
#define MIO_HPP

#include <mio/accept.hpp>
#include <mio/addr.hpp>
#include <mio/ancillary.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/clock.hpp>
#include <mio/event.hpp>
#include <mio/handle.hpp>
#include <mio/interest.hpp>
#include <mio/option.hpp>
#include <mio/pipe.hpp>
#include <mio/poll.hpp>
#include <mio/readiness.hpp>
#include <mio/registry.hpp>
#include <mio/result.hpp>
#include <mio/safe.hpp>
#include <mio/service.hpp>
#include <mio/signals.hpp>
#include <mio/source.hpp>
#include <mio/stream.hpp>
#include <mio/tcp.hpp>
#include <mio/udp.hpp>
#include <mio/unix.hpp>
#include <mio/version.hpp>
#include <mio/waker.hpp>

#endif // MIO_HPP
