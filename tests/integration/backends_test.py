"""The example server on Redis, PostgreSQL and Kafka: what it does while they hang, die and come back, alone and two at a time.

    examples/servers/run --redis --postgres --kafka -- python3 tests/integration/backends_test.py

with EVENT_DRAFT_SERVER as the server's path. EVENT_DRAFT_OUTAGES says how often something is broken, EVENT_DRAFT_OUTAGE_SEED
repeats the choices of a run.
"""

import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import unittest

from kill_test import Clients, Draft, Outcome
from server_test import OBJECTIVES, SERVER, Folder, Server
from standstills import Standstills

OUTAGES = int(os.environ.get("EVENT_DRAFT_OUTAGES", 10))
SEED = int(os.environ.get("EVENT_DRAFT_OUTAGE_SEED", random.SystemRandom().randrange(2**32)))
SERVERS = pathlib.Path(os.environ["EVENT_DRAFT_SERVERS"])
BACKENDS = ["redis", "postgres", "kafka"]
URL = {name: os.environ["EVENT_DRAFT_" + name.upper()] for name in BACKENDS}
BUDGET = 0.5  # seconds a request may take
# The machine's own: it has two cores, and starts servers, a JVM among them, while the requests are timed.
SLACK = 0.7
FLAGS = ["--log-level", "warning", "--relay-lease-ms", "2000", "--relay-backoff-ms", "1000", "--postgres-connections", "8"]


def sql(statement):
    done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "-F", "\t", "-c", statement, URL["postgres"]], capture_output=True, text=True,
                          timeout=30, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def redis(*words):
    done = subprocess.run(["redis-cli", "-u", URL["redis"], *words], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


def topic():
    """All records so far, as an independent client reads them."""
    records = []
    for _ in range(3):  # a broker that has just come back may not lead every partition yet
        done = subprocess.run(["kcat", "-C", "-b", URL["kafka"], "-t", "event-topic", "-e", "-q", "-J", "-X", "isolation.level=read_committed"],
                              capture_output=True, text=True, timeout=60, check=False)
        if done.returncode == 0:
            records = [json.loads(line) for line in done.stdout.splitlines()]
            break
        time.sleep(1)
    return records


def headers_of(record):
    return dict(zip(record["headers"][::2], record["headers"][1::2]))


class Victim:
    """One of the servers, to be broken and to be mended."""

    def __init__(self, name):
        self.name = name
        self.paused = None

    def pid(self):
        return int((SERVERS / f"{self.name}.pid").read_text())

    def pause(self):
        self.paused = self.pid()
        for pid in self.processes(self.paused):
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.processes(self.paused):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.paused = None

    def kill(self):
        """It is started again by those who started it."""
        os.kill(self.pid(), signal.SIGKILL)

    @staticmethod
    def processes(pid):
        """PostgreSQL is one a connection."""
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def answers(self):
        """Whether it does its work again, asked past the program."""
        command = {"redis": ["redis-cli", "-u", URL["redis"], "PING"],
                   "postgres": ["psql", "--no-psqlrc", "-qAt", "-c", "SELECT 1", URL["postgres"]],
                   "kafka": ["kcat", "-L", "-b", URL["kafka"], "-t", "event-topic", "-m", "2"]}[self.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return done.returncode == 0 and "Leader not available" not in done.stdout and "leader -1" not in done.stdout


class Timed(Clients):
    """Clients that remember how long an answer took at most."""

    sees_approvals = False  # a cache that was away when a draft was approved still has it as it was: docs/failure-semantics.md

    def __init__(self, rng):
        super().__init__(rng)
        self.slowest = 0.0
        self.standstills = Standstills()

    def join(self):
        super().join()
        self.standstills.stop()

    def begin(self, connection, rng):
        with self.lock:
            user = next(self.users)
        draft = Draft(user, rng.choice(OBJECTIVES), f"매장 {user}")
        while not self.stopped:
            began = time.monotonic()
            answer = connection.once("POST", "/api/events/purposes", draft.body())
            took = self.standstills.without(began, time.monotonic())
            with self.lock:
                self.slowest = max(self.slowest, took)
            if answer is None:
                return
            if answer.status == 503:
                self.right(answer, 200, draft)
                time.sleep(0.02)
                continue
            self.take(answer, draft)
            return

    def take(self, answer, wanted):
        if self.right(answer, 200, wanted):
            with self.lock:
                self.created[answer.body["eventDraftId"]] = Draft(wanted.user, answer.body["objective"], answer.body["storeName"])


class Stored(Outcome):
    """What is in the database and in the topic."""

    def __init__(self):
        rows = sql("select id, user_id, objective, store_name, status from drafts")
        self.drafts = {f"draft-{number}": (Draft(int(user), objective, store), status) for number, user, objective, store, status in rows}
        records = topic()  # a partition after the other, each in its order
        self.events = [{"headers": headers_of(record), "payload": record["payload"], "key": record["key"]} for record in records]
        # A draft's are in one, so that their order is the topic's.
        self.partitions = collections.defaultdict(set)
        for record in records:
            self.partitions[record["key"]].add(record["partition"])
        self.first, self.duplicates, self.changed = {}, 0, []
        for index, event in enumerate(self.events):
            at = self.first.setdefault(event["headers"]["ce_id"], index)
            self.duplicates += at != index
            if self.events[at] != event:
                self.changed.append(event)


class Backends(Folder):
    def setUp(self):
        super().setUp()
        self.data.chmod(0o755)
        redis("FLUSHALL")

    def server(self, name="a", *flags):
        return Server(self.data / name, *FLAGS, *flags, patient=False)

    def await_answers(self, names, patience=30):
        until = time.monotonic() + patience
        for name in names:
            while not Victim(name).answers():
                self.assertLess(time.monotonic(), until, f"{name} did not come back")
                time.sleep(0.05)

    def users(self):
        """Of this test alone: the databases are shared by all of them."""
        return 1 + max((int(row[0]) for row in sql("select user_id from drafts")), default=0) if self.has_tables() else 1

    def unpublished(self):
        return int(sql("select count(*) from outbox where published_at is null")[0][0])

    @staticmethod
    def has_tables():
        return sql("select count(*) from pg_tables where tablename = 'drafts'") != [["0"]]

    def test_what_the_specification_says_is_where_it_says(self):
        patient = ["--request-budget-ms", "8000", "--cache-budget-ms", "2000", "--publish-budget-ms", "2000"]
        with self.server("a", *patient) as server:
            self.await_whole(server, self.users())  # a broker that has just started may be late for the first event
            user = self.users()
            status, headers, body = server.create(user, {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
            self.assertEqual((200, "created", "acknowledged"), (status, headers["X-Draft-Origin"], headers["X-Event-Delivery"]))
            id = json.loads(body)["eventDraftId"]
            self.assertEqual({"eventDraftId": id, "objective": "신규 고객 유치", "storeName": "맛있는집", "status": "DRAFT"}, json.loads(body))
            for key, most in ((f"draft:event:{user}", 1800), (f"draft:event:{id}", 86400)):
                self.assertIn(id, redis("GET", key))
                self.assertTrue(most - 60 < int(redis("TTL", key)) <= most, key)
            self.assertEqual([["DRAFT"]], sql(f"select status from drafts where id = {id.removeprefix('draft-')}"))
            status, headers, _ = server.approve(id, user)
            self.assertEqual((200, "approved"), (status, headers["X-Draft-Approval"]))
            self.await_published(server)
            created, approved = [record for record in topic() if record["key"] == id]
            payload = json.loads(created["payload"])
            self.assertEqual(["eventDraftId", "userId", "objective", "createdAt"], list(payload))
            self.assertEqual((id, user, "신규 고객 유치"), tuple(payload.values())[:3])
            self.assertEqual({"ce_specversion": "1.0", "ce_id": f"{id}.EventDraftCreated", "ce_source": "/event-draft",
                              "ce_type": "EventDraftCreated", "ce_time": payload["createdAt"], "ce_subject": id,
                              "content-type": "application/json",
                              "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, headers_of(created))
            self.assertEqual(f"{id}.EventCreated", headers_of(approved)["ce_id"])
            self.assertEqual(created["partition"], approved["partition"])
            backends = {"postgres": "ready", "redis": "ready", "kafka": "ready"}
            self.assertEqual(backends, server.await_readiness(200, **backends)["backends"])
            metrics = server.call("GET", "/metrics")[2].decode()
            for name in ("redis_connections", "postgres_connections", "kafka_events_total{outcome=\"acknowledged\"}"):
                self.assertRegex(metrics, rf"(?m)^event_draft_{name.replace('{', '.').replace('}', '.')} [1-9]")
            self.assertEqual(0, server.stop())

    def submit_at_once(self, a, b, user):
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda i: (a, b)[i % 2].create(user, objective=OBJECTIVES[i % 4]), range(100)))
        busy = [json.loads(body)["code"] for status, _, body in answers if status != 200]
        told = {json.loads(body)["eventDraftId"] for status, _, body in answers if status == 200}
        self.assertEqual(1, len(told), f"{told}, {busy}")
        self.assertEqual([["1"]], sql(f"select count(*) from drafts where user_id = {user}"))
        origins = collections.Counter(headers["X-Draft-Origin"] for status, headers, _ in answers if status == 200)
        self.assertEqual(1, origins["created"])
        return len(busy)

    def test_a_hundred_submits_of_one_user_over_two_servers_are_one_draft(self):
        with self.server("a") as a, self.server("b") as b:
            user = self.users()
            busy = self.submit_at_once(a, b, user)
            victim = Victim("redis")
            victim.pause()
            try:
                busy_without = self.submit_at_once(a, b, user + 1)
            finally:
                victim.resume()
            print(f"two servers, 100 submits: {busy} told 503 with Redis, {busy_without} without", flush=True)
            self.await_published(a)
            ids = collections.Counter(headers_of(record)["ce_id"] for record in topic() if json.loads(record["payload"])["userId"] >= user)
            self.assertEqual(2, len(ids))
            self.assertEqual((0, 0), (a.stop(), b.stop()))

    @staticmethod
    def connections():
        return int(sql("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
                       "and backend_type = 'client backend'")[0][0])

    def breaks(self, rng, round):
        """What to break, and how: each alone at first, then whatever chance brings."""
        if round < 2 * len(BACKENDS):
            return [(BACKENDS[round // 2], ["pause", "kill"][round % 2])]
        return [(name, rng.choice(["pause", "kill"])) for name in rng.sample(BACKENDS, rng.choice([1, 2, 2]))]

    def break_and_mend(self, rng, chosen):
        victims = [(Victim(name), how) for name, how in chosen]
        for victim, how in victims:
            getattr(victim, how)()
        try:
            time.sleep(rng.uniform(0.3, 1.5))
        finally:
            for victim, how in victims:
                if how == "pause":
                    victim.resume()

    def await_whole(self, server, user):
        """When a request had all of its steps again."""
        began = time.monotonic()
        while True:
            status, headers, _ = server.create(user)
            if status == 200 and "X-Draft-Degraded" not in headers and headers["X-Event-Delivery"] in ("acknowledged", "none"):
                if headers["X-Draft-Origin"] == "created":
                    return time.monotonic()
                user += 10**9  # made by a try that was not whole
            self.assertLess(time.monotonic() - began, 20, (status, dict(headers), server.log()[-3000:]))
            time.sleep(0.02)

    def test_outages_under_load(self):
        rng = random.Random(SEED)
        print(f"seed {SEED}", flush=True)
        clients = Timed(rng)
        slowest_return = collections.Counter()
        with self.server("a") as server:
            first = self.users()
            clients.users = iter(range(first, 10**9))
            clients.port = server.port
            clients.start(clients.begin, clients.begin, clients.begin, clients.approve_some, clients.look)
            try:
                for round in range(OUTAGES):
                    chosen = self.breaks(rng, round)
                    self.break_and_mend(rng, chosen)
                    self.await_answers(name for name, _ in chosen)
                    back = time.monotonic()
                    took = clients.standstills.without(back, self.await_whole(server, 10**12 + round * 10**10))
                    what = " and ".join(f"{how} {name}" for name, how in chosen)
                    slowest_return[what] = max(slowest_return[what], took)
                    self.assertLessEqual(took, 2 + SLACK, what)
                    listens = 1
                    # One that was given up ends when its process has looked at it.
                    server.until(self.connections, lambda count: count <= 8 + listens, "no more connections than the pool has")
                    self.assertIsNone(server.process.poll(), server.log()[-3000:])
            finally:
                clients.join()
            server.await_outbox(pending=0, parked=0)
            self.assertNotIn('"level":"error"', server.log())
            self.assertEqual(0, server.stop())
        outcome = Stored()
        told = {what: f"{took:.2f} s" for what, took in slowest_return.items()}
        print(f"{OUTAGES} outages; {len(clients.created)} drafts acknowledged and {len(outcome.drafts)} stored, {len(clients.approved)} approvals; "
              f"{len(outcome.events)} events of which {outcome.duplicates} duplicates; answers {dict(clients.answers)}, "
              f"slowest {clients.slowest:.2f} s; whole again after {told}", flush=True)
        self.assertEqual([], clients.wrong[:10])
        self.assertEqual(0, clients.broken_off)
        self.assertLessEqual(clients.slowest, BUDGET + SLACK)
        stored = {id: draft for id, (draft, _) in outcome.drafts.items()}
        self.assertEqual({}, {id: draft for id, draft in clients.created.items() if stored.get(id) != draft}, "acknowledged and not stored")
        self.assertEqual(set(), {id for id in clients.approved if outcome.drafts[id][1] != "APPROVED"})
        self.assertEqual(set(), outcome.expected() - set(outcome.first), "events that are missing")
        self.assertEqual(set(), set(outcome.first) - outcome.expected(), "events of what is not stored")
        self.assertEqual([], outcome.changed, "duplicates that are not the same event")
        self.assertEqual([], outcome.out_of_order())
        self.assertEqual({}, {key: at for key, at in outcome.partitions.items() if len(at) != 1})
        self.assertEqual({}, {user: count for user, count in outcome.in_progress().items() if count > 1})
        self.assertGreater(len(clients.created), 10 * OUTAGES)

    def test_killed_itself_it_loses_nothing(self):
        rng = random.Random(SEED)
        clients = Clients(rng)
        clients.users = iter(range(self.users(), 10**9))
        clients.start(clients.begin, clients.begin, clients.approve_some)
        try:
            for _ in range(max(3, OUTAGES // 4)):
                with self.server("a") as server:
                    clients.port = server.port
                    time.sleep(rng.uniform(0.2, 0.8))
                    clients.port = None
                    server.process.kill()
                    server.process.wait(10)
            with self.server("a") as server:
                clients.port = server.port
                time.sleep(0.3)
                clients.join()
                server.await_outbox(pending=0, parked=0)
                self.assertEqual(0, server.stop())
        finally:
            clients.join()
        outcome = Stored()
        print(f"killed itself: {len(clients.created)} drafts acknowledged, {outcome.duplicates} duplicates", flush=True)
        self.assertEqual([], clients.wrong[:10])
        self.assertEqual(set(), set(clients.created) - set(outcome.drafts))
        self.assertEqual(set(), outcome.expected() ^ set(outcome.first))
        self.assertEqual([], outcome.out_of_order())
        self.assertEqual([], outcome.changed)

    def test_it_starts_without_redis_and_kafka_and_tells_no_secret(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
            with self.server("a", "--redis", f"redis://shop:s3cret@{nowhere}/0", "--kafka", nowhere,
                             "--kafka-property", "sasl.password=s3cret") as server:
                user = self.users()
                status, headers, _ = server.create(user)
                self.assertEqual((200, "pending"), (status, headers["X-Event-Delivery"]))
                self.assertIn("lookup", headers["X-Draft-Degraded"])
                backends = server.await_readiness(200, postgres="ready")["backends"]
                self.assertNotEqual("ready", backends["redis"])
                self.assertNotEqual("ready", backends["kafka"])
                self.assertEqual(0, server.stop())
                told = server.log() + "".join(server.output)
                self.assertNotIn("s3cret", told)
                self.assertNotIn("shop", told)
        with self.server("a") as server:  # and what it left is delivered
            self.await_published(server)
            self.assertIn(user, [json.loads(record["payload"])["userId"] for record in topic()])
            self.assertEqual(0, server.stop())

    def test_kafka_wants_tls_and_a_password_which_no_log_has(self):
        password = os.environ["EVENT_DRAFT_KAFKA_TLS_PASSWORD"]

        def flags(password):
            return ["--kafka", os.environ["EVENT_DRAFT_KAFKA_TLS"],
                    *(f"--kafka-property={name}={value}" for name, value in {
                        "security.protocol": "sasl_ssl", "ssl.ca.location": os.environ["EVENT_DRAFT_KAFKA_TLS_CA"],
                        "sasl.mechanism": "PLAIN", "sasl.username": os.environ["EVENT_DRAFT_KAFKA_TLS_USER"],
                        "sasl.password": password}.items())]

        user = self.users()
        told = ""
        with self.server("a", *flags("f4lse")) as server:
            self.assertEqual("pending", server.create(user)[1]["X-Event-Delivery"])
            self.assertNotEqual("ready", json.loads(server.call("GET", "/readyz")[2])["backends"]["kafka"])
            self.assertEqual(0, server.stop())
            told += server.log() + "".join(server.output)
        self.assertIn("Authentication failed: Invalid username or password", told)
        with self.server("a", *flags(password)) as server:
            self.await_published(server)
            server.await_readiness(200, kafka="ready")
            self.assertEqual(0, server.stop())
            told += server.log() + "".join(server.output)
        self.assertIn(user, [json.loads(record["payload"])["userId"] for record in topic()])
        for secret in ("f4lse", password):
            self.assertNotIn(secret, told)

    def test_a_url_that_can_not_be_read_is_refused_without_its_password(self):
        for flag, url in (("--postgres", "postgresql://shop:Ab/s3cret@127.0.0.1:5432/db"),
                          ("--postgres", "postgresql://shop:12@s3cret@127.0.0.1:5432/db"),
                          ("--postgres", "postgresql://shop:12/s3cret@127.0.0.1:5432/db"),
                          ("--redis", "redis://shop:12@s3cret@127.0.0.1"), ("--redis", "rediss://:s3cret@127.0.0.1")):
            done = subprocess.run([SERVER, "--port", "0", "--data", str(self.data), flag, url], capture_output=True, text=True, timeout=20)
            self.assertEqual(2, done.returncode, url)
            self.assertNotIn("s3cret", done.stdout + done.stderr)


if __name__ == "__main__":
    kind = (SERVERS / "kafka" / "kind").read_text().strip()
    if kind != "real":
        print(f"SKIPPED: Kafka is {kind} here, which is not killed and started again")
        raise SystemExit(77)
    unittest.main(verbosity=2)
