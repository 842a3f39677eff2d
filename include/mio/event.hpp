// SPDX-License-Identifier: MIT
// Events, which a wait returns. Each event has the token of a source that is ready.
#ifndef MIO_EVENT_HPP
#define MIO_EVENT_HPP

#include <mio/base.hpp>
#include <mio/event.h>
#include <mio/interest.hpp>

#include <type_traits>
#include <utility>

namespace mio {

// A value that the program chooses for a source. Token is an enum class, so a program can compare and hash a Token, and
// can use a Token in a switch: `constexpr mio::Token SERVER{0};`, `switch (event.token()) { case SERVER: ... }`.
enum class Token : std::uintptr_t {};

// Converts a token to its number.
constexpr std::uintptr_t to_integer(Token token) noexcept
{
    return static_cast<std::uintptr_t>(token);
}

// to_token converts the address of an object to a token. `to_pointer<T>(token)` converts the token back to the address.
// T is the type of the object.
template <class T>
Token to_token(T *object) noexcept
{
    return Token{reinterpret_cast<std::uintptr_t>(object)};
}
template <class T>
T *to_pointer(Token token) noexcept
{
    return reinterpret_cast<T *>(to_integer(token));
}

// A source that became ready, and its readiness. See mio_event.
class Event {
public:
    constexpr Event() noexcept = default;
    explicit constexpr Event(const mio_event &raw) noexcept : raw_(raw) {}

    // These functions return the token of the source, the portable bits of the readiness, and the bits that the system
    // returned.
    constexpr Token token() const noexcept { return Token{raw_.token}; }
    constexpr std::uint32_t readiness() const noexcept { return raw_.readiness; }
    constexpr std::uint32_t os_bits() const noexcept { return raw_.os_bits; }

    // Each of these functions tests one bit of the readiness. See mio_event_is_readable, mio_event_is_writable,
    // mio_event_is_error, mio_event_is_read_closed, mio_event_is_write_closed, mio_event_is_priority, mio_event_is_aio,
    // mio_event_is_lio.
    bool is_readable() const noexcept { return mio_event_is_readable(&raw_) != 0; }
    bool is_writable() const noexcept { return mio_event_is_writable(&raw_) != 0; }
    bool is_error() const noexcept { return mio_event_is_error(&raw_) != 0; }
    bool is_read_closed() const noexcept { return mio_event_is_read_closed(&raw_) != 0; }
    bool is_write_closed() const noexcept { return mio_event_is_write_closed(&raw_) != 0; }
    bool is_priority() const noexcept { return mio_event_is_priority(&raw_) != 0; }
    bool is_aio() const noexcept { return mio_event_is_aio(&raw_) != 0; }
    bool is_lio() const noexcept { return mio_event_is_lio(&raw_) != 0; }

    // text() returns the event as text without allocating. The function to_string() returns a std::string. See
    // mio_event_format.
    Text<MIO_EVENT_TEXT_SIZE> text() const noexcept
    {
        return Text<MIO_EVENT_TEXT_SIZE>(
            [this](char *buffer, std::size_t size) { return mio_event_format(&raw_, buffer, size); });
    }
    std::string to_string() const { return text().str(); }

    // Returns the C struct.
    mio_event *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_event *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_event *raw() const && = delete;

private:
    mio_event raw_{};
};

// The C++ functions cast an array of Event to an array of mio_event. So both types must have the same layout.
static_assert(sizeof(Event) == sizeof(mio_event) && alignof(Event) == alignof(mio_event));
static_assert(std::is_standard_layout_v<Event> && std::is_trivially_copyable_v<Event>);

// An array for the events of a wait. The constructor allocates the array, and each wait fills the array. Then a program
// reads the events: `for (const mio::Event &event : events)`. See mio_poll_wait.
class Events {
public:
    // Allocates space for `capacity` events, or throws std::bad_alloc. If `capacity` is 0, every wait fails.
    explicit Events(std::size_t capacity) : events_(new Event[capacity]()), capacity_(capacity) {}

    // A moved-from object has no events and no capacity.
    Events(Events &&other) noexcept
        : events_(std::move(other.events_)), capacity_(std::exchange(other.capacity_, 0)),
          size_(std::exchange(other.size_, 0))
    {
    }
    Events &operator=(Events &&other) noexcept
    {
        Events moved(std::move(other));
        std::swap(events_, moved.events_);
        std::swap(capacity_, moved.capacity_);
        std::swap(size_, moved.size_);
        return *this;
    }

    // The events of the latest wait. After a wait that failed, the array has no events.
    const Event *begin() const &noexcept MIO_LIFETIMEBOUND { return events_.get(); }
    const Event *end() const &noexcept MIO_LIFETIMEBOUND { return events_.get() + size_; }
    const Event &operator[](std::size_t index) const &noexcept MIO_LIFETIMEBOUND { return events_.get()[index]; }
    const Event *data() const &noexcept MIO_LIFETIMEBOUND { return events_.get(); }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    const Event *begin() const && = delete;
    const Event *end() const && = delete;
    const Event &operator[](std::size_t index) const && = delete;
    const Event *data() const && = delete;

    // Returns the number of events that fit into the array.
    std::size_t capacity() const noexcept { return capacity_; }

    // Removes the events from the array.
    void clear() noexcept { size_ = 0; }

private:
    friend class Poll;

    mio_event *raw() noexcept { return reinterpret_cast<mio_event *>(events_.get()); }

    struct Free {
        void operator()(Event *events) const noexcept { delete[] events; }
    };

    detail::Owner<Event, Free> events_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

} // namespace mio

#endif // MIO_EVENT_HPP
