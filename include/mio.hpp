// SPDX-License-Identifier: MIT
// mio for C++17 and later: the whole interface of <mio.h> as types that own, with std::chrono for time and Result for
// errors. Header only; each part can also be included alone. It adds no behaviour: what a function does, from where it
// may be called and how it can fail stands in the C header of the same name, beside the C function that is named here.
//
//  - What owns is move-only. What is moved from is closed or empty, and every call on it is an error, never undefined.
//  - What can fail returns a Result, and nothing here throws but Result::value and what allocates: the constructor of
//    Events, and to_string. The headers work without exceptions and without run-time types. What waits, reads, writes,
//    sends or receives is all the same not noexcept: a thread that is cancelled there unwinds through it.
//  - raw() lends the C object, so that C and C++ can work on the same one; release() gives it away, and a constructor
//    takes it over.
//  - What refers into an object, such as c_str(), registry() and raw(), is had of an object with a name only: of a
//    temporary it would be gone at the end of the line, and does not compile.
#ifndef MIO_HPP
#define MIO_HPP

#include <mio/accept.hpp>
#include <mio/addr.hpp>
#include <mio/ancillary.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/clock.hpp>
#include <mio/event.hpp>
#include <mio/interest.hpp>
#include <mio/option.hpp>
#include <mio/pipe.hpp>
#include <mio/poll.hpp>
#include <mio/registry.hpp>
#include <mio/result.hpp>
#include <mio/safe.hpp>
#include <mio/signals.hpp>
#include <mio/source.hpp>
#include <mio/tcp.hpp>
#include <mio/udp.hpp>
#include <mio/unix.hpp>
#include <mio/version.hpp>
#include <mio/waker.hpp>

#endif // MIO_HPP
