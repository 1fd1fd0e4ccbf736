"""The two requests of Kafka's protocol that tell whether a broker is ready: create a topic, and where its leaders are."""

import socket
import struct

CREATE_TOPICS, METADATA = 19, 3  # the protocol's numbers of them
TOPIC_ALREADY_EXISTS = 36


def text(value):
    encoded = value.encode()
    return struct.pack(">h", len(encoded)) + encoded


class Reply:
    def __init__(self, data):
        self.data = data

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data)
        self.data = self.data[struct.calcsize(">" + form):]
        return values[0]

    def text(self):
        length = max(self.take("h"), 0)
        value, self.data = self.data[:length], self.data[length:]
        return value.decode()

    def array(self, read):
        return [read() for _ in range(self.take("i"))]


def receive(connection, size):
    data = b""
    while len(data) < size:
        if not (more := connection.recv(size - len(data))):
            raise ConnectionError("the broker hung up")
        data += more
    return data


def ask(port, key, version, body):
    header = struct.pack(">hhi", key, version, 1) + text("event-draft")
    with socket.create_connection(("127.0.0.1", port), 0.5) as connection:
        connection.settimeout(5)
        connection.sendall(struct.pack(">i", len(header + body)) + header + body)
        reply = Reply(receive(connection, struct.unpack(">i", receive(connection, 4))[0]))
    reply.take("i")  # the correlation id
    return reply


def create_topic(port, topic, partitions, replicas):
    """Whether it is there then."""
    wanted = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, replicas, 0, 0)
    reply = ask(port, CREATE_TOPICS, 1, wanted + struct.pack(">ib", 3000, 0))
    errors = reply.array(lambda: (reply.text(), reply.take("h"), reply.text()))
    return errors[0][1] in (0, TOPIC_ALREADY_EXISTS)


def leaders(port, topic):
    """Of the topic's partitions, those that can be written to; and the number of brokers."""
    reply = ask(port, METADATA, 1, struct.pack(">i", 1) + text(topic))
    brokers = reply.array(lambda: (reply.take("i"), reply.text(), reply.take("i"), reply.text()))
    reply.take("i")  # the controller

    def partition():
        error, _, leader = reply.take("h"), reply.take("i"), reply.take("i")
        reply.array(lambda: reply.take("i"))  # replicas
        reply.array(lambda: reply.take("i"))  # those in sync
        return error == 0 and leader >= 0

    topics = reply.array(lambda: (reply.take("h"), reply.text(), reply.take("b"), reply.array(partition)))
    return sum(topics[0][3]), len(brokers)
