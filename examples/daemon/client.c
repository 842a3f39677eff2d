/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>

#define STEPS_PER_TURN 32
#define DISCARD_MAX 65536

/* Stores the stream, and clears the state of the previous connection. The function does not write to the buffers,
 * because the system would then assign memory to buffers that the client may never use. */
void client_open(struct client *client, mio_source stream)
{
    client->stream = stream;
    client->ready = 0;
    client->answered = client->ending = false;
    client->discarded = client->begin = client->end = 0;
    lines_init(&client->requests, client->bytes, sizeof client->bytes);
}

bool client_is_idle(const struct client *client)
{
    return lines_is_empty(&client->requests) && client->begin == client->end;
}

/* ---- answers ---- */

/* Answers the complete requests in the read buffer while the answer buffer has space. Returns whether an answer is
 * ready to be sent. The caller has sent all earlier answers, so the new answers start at the front of the answer
 * buffer. After the answer to a request that is too long, the server ends the connection. */
static bool answer_requests(struct client *client, const struct table *table)
{
    struct line line;
    client->begin = client->end = 0;
    while (!client->ending && sizeof client->answers - client->end >= PROTOCOL_LINE_MAX &&
           lines_take(&client->requests, &line)) {
        char *answer = client->answers + client->end;
        client->end +=
            line.too_long ? protocol_refuse_long(answer) : protocol_answer(table, line.text, line.length, answer);
        client->ending = line.too_long;
    }
    return client->end > 0;
}

/* ---- steps ---- */

static int64_t send_answers(struct client *client)
{
    if (!(client->ready & MIO_WRITABLE)) return -EAGAIN;
    int64_t count = mio_stream_write(&client->stream, client->answers + client->begin, client->end - client->begin);
    if (count <= 0) return mio_readiness_after(&client->ready, MIO_WRITABLE, count);
    client->begin += (size_t)count;
    if (client->begin < client->end) return count;
    client->answered = true;
    int result = client->ending ? mio_stream_shutdown(&client->stream, MIO_SHUTDOWN_WRITE) : 0;
    return result < 0 ? result : count;
}

static int64_t read_requests(struct client *client)
{
    if (!(client->ready & MIO_READABLE)) return -EAGAIN;
    int64_t count = mio_stream_read(&client->stream, lines_space(&client->requests), lines_room(&client->requests));
    if (count > 0) lines_add(&client->requests, (size_t)count);
    return mio_readiness_after(&client->ready, MIO_READABLE, count);
}

/* Reads and discards bytes that the client sent after its last request. A system resets a connection if a program
 * closes the socket while bytes are unread. The client might then lose the last answer. So the server discards bytes
 * until the client closes its end, or until more than DISCARD_MAX bytes were discarded. Returns 0 when the server can
 * close the socket. */
static int64_t discard(struct client *client)
{
    lines_init(&client->requests, client->bytes, sizeof client->bytes);
    int64_t count = read_requests(client);
    if (count > 0) client->discarded += (size_t)count;
    return client->discarded > DISCARD_MAX ? 0 : count;
}

/* Sends or reads once. The function reads no request while an answer is unsent. So a client that does not read its
 * answers delays only itself, and needs no further memory. */
static int64_t step(struct client *client, const struct table *table)
{
    if (client->begin < client->end) return send_answers(client);
    if (client->ending) return discard(client);
    return answer_requests(client, table) ? send_answers(client) : read_requests(client);
}

int client_serve(struct client *client, const struct table *table)
{
    int64_t result = 1;
    for (int steps = 0; steps < STEPS_PER_TURN && result > 0; steps++)
        result = step(client, table);
    return result > 0 ? 1 : (int)result;
}
