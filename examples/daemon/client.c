/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>
#include <string.h>

#define STEPS_PER_TURN 32
#define DISCARD_MAX 65536

/* Clears all members but the buffers, so that unused buffers take no memory. */
void client_open(struct client *client, mio_source stream)
{
    client->stream = stream;
    client->can_read = client->can_write = client->answered = client->ending = false;
    client->discarded = client->request = client->filled = client->begin = client->end = 0;
}

bool client_is_idle(const struct client *client)
{
    return client->request == client->filled && client->begin == client->end;
}

/* ---- answers ---- */

/* Returns the end of the first request, or null if the end has not arrived. */
static char *find_newline(struct client *client)
{
    return memchr(client->requests + client->request, '\n', client->filled - client->request);
}

/* Moves the remaining bytes to the front, so that only a single request can fill the buffer. */
static void make_room(struct client *client)
{
    client->filled -= client->request;
    memmove(client->requests, client->requests + client->request, client->filled);
    client->request = 0;
}

/* After a line that is too long, the program cannot find the next line. The client gets one more answer, and then the
 * end of the connection. */
static void refuse_long(struct client *client)
{
    client->end = protocol_refuse_long(client->answers);
    client->request = client->filled = 0;
    client->ending = true;
}

/* Answers the complete requests, as long as the answers fit. Returns whether there is anything to send. The caller has
 * sent all earlier answers, so the new answers begin at the front. */
static bool answer_requests(struct client *client, const struct table *table)
{
    char *newline;
    client->begin = client->end = 0;
    while (sizeof client->answers - client->end >= PROTOCOL_LINE_MAX && (newline = find_newline(client)) != NULL) {
        char *request = client->requests + client->request;
        *newline = '\0';
        client->end += protocol_answer(table, request, (size_t)(newline - request), client->answers + client->end);
        client->request += (size_t)(newline - request) + 1;
    }
    if (client->end > 0) return true;
    make_room(client);
    if (client->filled == sizeof client->requests) refuse_long(client);
    return client->end > 0;
}

/* ---- steps ---- */

static int64_t send_answers(struct client *client)
{
    if (!client->can_write) return -EAGAIN;
    int64_t count = mio_stream_write(&client->stream, client->answers + client->begin, client->end - client->begin);
    if (count == -EAGAIN) client->can_write = false;
    if (count <= 0) return count;
    client->begin += (size_t)count;
    if (client->begin < client->end) return count;
    client->answered = true;
    int result = client->ending ? mio_stream_shutdown(&client->stream, MIO_SHUTDOWN_WRITE) : 0;
    return result < 0 ? result : count;
}

static int64_t read_into(struct client *client, char *buffer, size_t size)
{
    if (!client->can_read) return -EAGAIN;
    int64_t count = mio_stream_read(&client->stream, buffer, size);
    if (count == -EAGAIN) client->can_read = false;
    return count;
}

/* Closing a connection with unread bytes resets the connection, and the client might lose the last answer. So the
 * function reads, within limits, until the client closes. */
static int64_t discard(struct client *client)
{
    int64_t count = read_into(client, client->requests, sizeof client->requests);
    if (count > 0) client->discarded += (size_t)count;
    return client->discarded > DISCARD_MAX ? 0 : count;
}

/* Sends or reads once. The function reads only after it has sent everything. So a client that does not read its answers
 * slows down only itself, and memory stays bounded. */
static int64_t step(struct client *client, const struct table *table)
{
    if (client->begin < client->end) return send_answers(client);
    if (client->ending) return discard(client);
    if (answer_requests(client, table)) return send_answers(client);
    int64_t count = read_into(client, client->requests + client->filled, sizeof client->requests - client->filled);
    if (count > 0) client->filled += (size_t)count;
    return count;
}

int client_serve(struct client *client, const struct table *table)
{
    int64_t result = 1;
    for (int steps = 0; steps < STEPS_PER_TURN && result > 0; steps++)
        result = step(client, table);
    return result > 0 ? 1 : (int)result;
}
