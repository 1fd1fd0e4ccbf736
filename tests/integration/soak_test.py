"""The example server on Redis, PostgreSQL and Kafka under a steady, mixed load: what it has open and what it holds in memory
must not grow.

    examples/servers/run --redis --postgres --kafka -- python3 tests/integration/soak_test.py

with EVENT_DRAFT_SERVER as the server's path. EVENT_DRAFT_SOAK_SECONDS says for how long.
"""

import os
import pathlib
import random
import re
import socket
import statistics
import time
import unittest

from kill_test import Clients, Draft
from server_test import OBJECTIVES, Folder, Server

SECONDS = float(os.environ.get("EVENT_DRAFT_SOAK_SECONDS", 20))
WARM_UP = min(60, 0.4 * SECONDS)
POOL = 4  # connections, of each pool; with fewer than workers they are often all in use
FLAGS = ["--log-level", "warning", "--postgres-connections", str(POOL), "--redis-connections", str(POOL)]
# Of memory, between the first and the last fifth of the samples. An allocator keeps what its threads have needed at their busiest
# moment, which may come late: some dozens of KiB. A leak has no such bound: 128 bytes in each request show in 20 seconds, the
# smallest block that there is, 32 bytes, in a minute.
GROWTH = 512  # KiB
BAD_REQUESTS = [
    ("POST", "/api/events/purposes", b'{"userId":1,"objective":"\xeb\xac\xb4\xeb\xa3\x8c \xeb\x82\x98\xeb\x88\x94"}', 400),
    ("POST", "/api/events/purposes", b'{"userId":1,', 400),
    ("POST", "/api/events/purposes", b"[" * 5000, 400),
    ("POST", "/api/events/purposes", b"x" * 70_000, 413),
    ("GET", "/api/events/drafts/draft-0x1?userId=1", None, 404),
    ("GET", "/api/events/drafts/draft-1?userId=-1", None, 400),
    ("GET", "/no/such/page", None, 404),
    ("PUT", "/api/events/purposes", b"{}", 405),
]


class Load(Clients):
    """Clients that each do one kind of thing, without haste, for as long as it takes: they keep what is recent alone."""

    sees_approvals = False  # as docs/failure-semantics.md says of a cache
    recent = 1000
    pause = 0.004

    def create(self, connection, wanted):
        super().create(connection, wanted)
        with self.lock:
            while len(self.created) > self.recent:
                self.created.pop(oldest := next(iter(self.created)))
                self.approved.discard(oldest)

    def begin(self, connection, rng):
        super().begin(connection, rng)
        time.sleep(self.pause)

    def begin_again(self, connection, rng):
        """The same users, who have a draft in progress."""
        self.create(connection, Draft(2 * 10**9 + rng.randrange(50), rng.choice(OBJECTIVES), "매장"))
        time.sleep(self.pause)

    def approve_some(self, connection, rng):
        super().approve_some(connection, rng)
        time.sleep(self.pause)

    def look(self, connection, rng):
        super().look(connection, rng)
        time.sleep(self.pause)

    def look_once(self, connection, rng):
        """On a connection of its own."""
        super().look(connection, rng)
        connection.close()
        time.sleep(5 * self.pause)

    def ask_wrongly(self, connection, rng):
        method, target, body, status = rng.choice(BAD_REQUESTS)
        answer = connection.once(method, target, body)
        if answer is not None:
            self.right(answer, status, (method, target, body and body[:40]))
        time.sleep(5 * self.pause)

    def break_off(self, _, rng):
        """In the middle of a request, or before its answer."""
        request = b"POST /api/events/purposes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\n" + b" " * 30
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(request[:rng.randrange(1, len(request) + 1)])
        time.sleep(10 * self.pause)

    def watch(self, connection, _):
        """As those who operate it do."""
        for target in ("/healthz", "/readyz", "/metrics"):
            with socket.create_connection(("127.0.0.1", self.port), 10) as plain:
                plain.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                told = b""
                while piece := plain.recv(65536):
                    told += piece
            status = int(told.split()[1]) if told else None
            with self.lock:
                self.answers[status] += 1
            if status != 200 and (status, target) != (503, "/readyz"):  # it has 0.25 s for the database, on a busy machine, too
                self.wrong.append(f"{target}: {told[:500]}")
        time.sleep(0.5)

    def kinds(self):
        return [self.begin, self.begin, self.begin_again, self.approve_some, self.look, self.look_once, self.ask_wrongly, self.break_off,
                self.watch]


class Process:
    def __init__(self, pid):
        self.folder = pathlib.Path(f"/proc/{pid}")

    def descriptors(self):
        return len(list((self.folder / "fd").iterdir()))

    def what_is_open(self):
        return sorted(os.readlink(each) for each in (self.folder / "fd").iterdir())

    def memory(self):
        """KiB of its own, that are in use now."""
        [line] = [line for line in (self.folder / "status").read_text().splitlines() if line.startswith("RssAnon:")]
        return int(line.split()[1])


class Soak(Folder):
    def load(self, server, users, seconds, sample=lambda: None):
        clients = Load(random.Random(1))
        clients.users, clients.port = users, server.port
        clients.start(*clients.kinds())
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                time.sleep(0.1)
                sample()
        finally:
            clients.join()
        return clients

    @staticmethod
    def pooled(server):
        """A pool makes a connection when all others are in use, which may come late."""
        metrics = server.call("GET", "/metrics")[2].decode()
        return sum(map(int, re.findall(r"(?m)^event_draft_(?:redis|postgres)_connections (\d+)$", metrics)))

    def await_descriptors(self, server, process, most=None):
        """Besides the pools', when they don't change any more, or are no more than that."""
        pooled = self.pooled(server)
        until = time.monotonic() + 10
        seen = []
        while len(seen) < 10 or len(set(seen[-10:])) != 1 or (most is not None and seen[-1] > most):
            if time.monotonic() > until:
                return max(seen[-10:])
            seen.append(process.descriptors() - pooled)
            time.sleep(0.05)
        return seen[-1]

    def test_neither_descriptors_nor_memory_grow(self):
        with Server(self.data, *FLAGS, patient=False) as server:
            process = Process(server.process.pid)
            users = iter(range(1, 10**9))
            before = self.load(server, users, WARM_UP)
            quiet = self.await_descriptors(server, process)
            open_before = process.what_is_open()

            memory, descriptors = [], []
            clients = self.load(server, users, SECONDS - WARM_UP,
                                lambda: (memory.append(process.memory()), descriptors.append(process.descriptors())))
            in_the_end = self.await_descriptors(server, process, quiet)
            open_after = process.what_is_open()
            server.await_outbox(pending=0, parked=0)
            self.assertEqual(0, server.stop())
            log = server.log()

        fifth = len(memory) // 5
        first, last = statistics.median(memory[:fifth]), statistics.median(memory[-fifth:])
        requests = sum(clients.answers.values())
        print(f"{SECONDS:.0f} s, {WARM_UP:.0f} of them to warm up; {requests} requests after that, answered {dict(clients.answers)}; "
              f"descriptors besides pools {quiet} and {in_the_end}, at most {max(descriptors)} under load; memory {first:.0f} and {last:.0f} KiB, "
              f"{min(memory)} to {max(memory)}, {1024 * (last - first) / requests:.1f} bytes a request", flush=True)
        self.assertEqual([], (before.wrong + clients.wrong)[:10])
        self.assertLessEqual(in_the_end, quiet, (open_before, open_after))
        # A connection of each client, and some that are being closed.
        self.assertLessEqual(max(descriptors), quiet + 2 * POOL + 3 * len(clients.threads))
        self.assertLess(last - first, GROWTH, memory[::max(1, len(memory) // 50)])
        self.assertEqual({200, 400, 404, 405, 413}, set(clients.answers) - {503})
        self.assertGreater(requests, 50 * (SECONDS - WARM_UP))
        self.assertNotIn('"level":"error"', log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
