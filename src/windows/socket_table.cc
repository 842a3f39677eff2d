// SPDX-License-Identifier: MIT
#include "windows/socket_table.hpp"

#include "core/memory.hpp"

namespace mio::impl {

namespace {

constexpr size_t first_bucket_count = 16;

} // namespace

void SocketTable::close()
{
    release_array(buckets_);
    *this = {};
}

AfdSocket **SocketTable::bucket_of(mio_handle handle) const
{
    // Handles are multiples of 4, so the lowest two bits are always 0.
    return &buckets_[(static_cast<size_t>(handle) >> 2) & (bucket_count_ - 1)];
}

AfdSocket *SocketTable::find(mio_handle handle) const
{
    if (size_ == 0) return nullptr;
    AfdSocket *socket = *bucket_of(handle);
    while (socket != nullptr && socket->handle != handle)
        socket = socket->next_in_bucket;
    return socket;
}

bool SocketTable::grow()
{
    const size_t old_count = bucket_count_;
    const size_t count = old_count != 0 ? old_count * 2 : first_bucket_count;
    if (!resize_array(&buckets_, count)) return false;
    for (size_t i = old_count; i < count; i++)
        buckets_[i] = nullptr;
    bucket_count_ = count;
    for (size_t i = 0; i < old_count; i++) {
        AfdSocket *socket = buckets_[i];
        buckets_[i] = nullptr;
        while (socket != nullptr) {
            AfdSocket *next = socket->next_in_bucket;
            AfdSocket **bucket = bucket_of(socket->handle);
            socket->next_in_bucket = *bucket;
            *bucket = socket;
            socket = next;
        }
    }
    return true;
}

bool SocketTable::insert(AfdSocket *socket)
{
    if (size_ == bucket_count_ && !grow()) return false;
    AfdSocket **bucket = bucket_of(socket->handle);
    socket->next_in_bucket = *bucket;
    *bucket = socket;
    size_++;
    return true;
}

void SocketTable::erase(AfdSocket *socket)
{
    AfdSocket **link = bucket_of(socket->handle);
    while (*link != socket)
        link = &(*link)->next_in_bucket;
    *link = socket->next_in_bucket;
    size_--;
}

AfdSocket *SocketTable::first_from(mio_handle first) const
{
    AfdSocket *found = nullptr;
    for (size_t i = 0; i < bucket_count_; i++) {
        for (AfdSocket *socket = buckets_[i]; socket != nullptr; socket = socket->next_in_bucket) {
            if (socket->handle >= first && (found == nullptr || socket->handle < found->handle)) found = socket;
        }
    }
    return found;
}

} // namespace mio::impl
