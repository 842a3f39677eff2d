// SPDX-License-Identifier: MIT
// Annotations for ThreadSanitizer, a race detector. A program that is built with ThreadSanitizer uses the ordinary
// library. Inside the ordinary library, the detector sees calls of libc, but no atomic operations. So the library
// annotates each object through which one thread makes its writes visible to another thread. The annotations are weak
// symbols, so they are null in a program without ThreadSanitizer. Some linkers need a definition even for a weak
// symbol. With such a linker, annotations would make every program need the detector, so the library does not annotate.
#pragma once

#include "core/base.hpp"

#ifdef MIO_WEAK_REFERENCES

extern "C" {
[[gnu::weak]] void __tsan_acquire(void *object);
[[gnu::weak]] void __tsan_release(void *object);
[[gnu::weak]] void AnnotateIgnoreReadsBegin(const char *file, int line);
[[gnu::weak]] void AnnotateIgnoreReadsEnd(const char *file, int line);
}

namespace mio::impl {

// Makes all earlier actions of this thread visible to each thread that acquires the object later.
inline void tell_release(void *object)
{
    if (MIO_UNLIKELY(__tsan_release != nullptr)) __tsan_release(object);
}

inline void tell_acquire(void *object)
{
    if (MIO_UNLIKELY(__tsan_acquire != nullptr)) __tsan_acquire(object);
}

// While an object of this class exists, the detector ignores the reads of the thread that made the object. The detector
// treats each system call that uses a descriptor as a read of the descriptor.
class IgnoredReads {
public:
    IgnoredReads()
    {
        if (MIO_UNLIKELY(AnnotateIgnoreReadsBegin != nullptr)) AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    }
    ~IgnoredReads()
    {
        if (MIO_UNLIKELY(AnnotateIgnoreReadsEnd != nullptr)) AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    }
    IgnoredReads(const IgnoredReads &) = delete;
    IgnoredReads &operator=(const IgnoredReads &) = delete;
};

} // namespace mio::impl

#else

namespace mio::impl {

inline void tell_release(void *) {}
inline void tell_acquire(void *) {}
struct IgnoredReads {
    IgnoredReads() {}
};

} // namespace mio::impl

#endif
