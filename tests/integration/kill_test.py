"""The example server under load is killed, again and again, and stopped; what it told its clients must be true afterwards.

    EVENT_DRAFT_SERVER=build/.../event_draft_server tests/integration/kill_test.py

EVENT_DRAFT_KILLS says how often it is killed, EVENT_DRAFT_KILL_SEED repeats the moments of a run.
"""

import collections
import contextlib
import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from server_test import OBJECTIVES, SERVER, START_TIME, Folder, Server

KILLS = int(os.environ.get("EVENT_DRAFT_KILLS", 150))
SEED = int(os.environ.get("EVENT_DRAFT_KILL_SEED", random.SystemRandom().randrange(2**32)))
# A pass that is killed leaves its events leased; 30 s of that would make the end of every run long.
FLAGS = ["--log-level", "warning", "--relay-lease-ms", "2000"]
BROKEN_OFF = (OSError, http.client.HTTPException)


class Draft(collections.namedtuple("Draft", "user objective store")):
    """What a client asked for, and must find again."""

    def body(self):
        return json.dumps({"userId": self.user, "objective": self.objective, "storeName": self.store, "industry": "음식점",
                           "address": "서울시 강남구"}, ensure_ascii=False).encode()


class Clients:
    """Threads that send requests to whatever server there is, and remember what they were told."""

    sees_approvals = True  # whoever approved a draft finds it so

    def __init__(self, rng):
        self.rng = rng
        self.port = None
        self.stopped = False
        self.lock = threading.Lock()
        self.users = iter(range(1, 10**9))
        self.created = {}  # id: Draft, as acknowledged
        self.approved = set()  # ids, as acknowledged
        self.answers = collections.Counter()
        self.broken_off = 0
        self.wrong = []
        self.threads = []

    def start(self, *loops):
        for loop in loops:
            self.threads.append(threading.Thread(target=self.run, args=(loop, random.Random(self.rng.random()))))
            self.threads[-1].start()

    def join(self):
        self.stopped = True
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                self.wrong.append("a client still waits for its answer")

    def run(self, loop, rng):
        connection = Connection(self)
        try:
            while not self.stopped:
                loop(connection, rng)
        except Exception as error:  # a thread's own death would go unseen
            self.wrong.append(repr(error))
        finally:
            connection.close()

    # -- what they do

    def begin(self, connection, rng):
        """A draft of a new user, until it is acknowledged."""
        with self.lock:
            user = next(self.users)
        self.create(connection, Draft(user, rng.choice(OBJECTIVES), f"매장 {user}"))

    def insist(self, connection, rng):
        """One user, who wants something else each time."""
        self.create(connection, Draft(10**9, rng.choice(OBJECTIVES), f"매장 {rng.randrange(10**6)}"))

    def approve_some(self, connection, rng):
        """The newest drafts, so that approvals meet creations; several clients may pick the same one."""
        with self.lock:
            unapproved = [id for id in list(self.created)[-40:] if id not in self.approved]
        if not unapproved:
            return time.sleep(0.01)
        id = rng.choice(unapproved)
        answer = connection.until_answered("POST", f"/api/events/drafts/{id}/approval?userId={self.created[id].user}")
        if answer is None:
            return None
        if self.right(answer, 200, id) and answer.body["status"] == "APPROVED":
            with self.lock:
                self.approved.add(id)
        return None

    def look(self, connection, rng):
        with self.lock:
            known = list(self.created)[-200:]
        if not known:
            return time.sleep(0.01)
        id = rng.choice(known)
        draft, mine = self.created[id], rng.random() < 0.8
        status_before = id in self.approved
        answer = connection.once("GET", f"/api/events/drafts/{id}?userId={draft.user if mine else draft.user + 5 * 10**8}")
        if answer is None or not self.right(answer, 200 if mine else 404, id):
            return None
        if mine and (answer.body["objective"], answer.body["storeName"], answer.body["userId"]) != (draft.objective, draft.store, draft.user):
            self.wrong.append(f"{id} was {draft}, found as {answer.body}")
        if mine and status_before and self.sees_approvals and answer.body["status"] != "APPROVED":
            self.wrong.append(f"{id} was approved and is {answer.body['status']}")
        return None

    def create(self, connection, wanted):
        answer = connection.until_answered("POST", "/api/events/purposes", wanted.body())
        if answer is None or not self.right(answer, 200, wanted):
            return
        told = Draft(wanted.user, answer.body["objective"], answer.body["storeName"])
        with self.lock:
            before = self.created.setdefault(answer.body["eventDraftId"], told)
        if before != told:
            self.wrong.append(f"{answer.body['eventDraftId']} was {before}, and then {told}")
        if answer.headers["X-Draft-Origin"] == "created" and told != wanted:
            self.wrong.append(f"{wanted} was created as {told}")

    def right(self, answer, status, what):
        with self.lock:
            self.answers[answer.status] += 1
        if answer.status == status:
            return True
        if answer.status != 503:
            self.wrong.append(f"{what}: {answer.status} {answer.body}")
        return False


Answer = collections.namedtuple("Answer", "status headers body")


class Connection:
    """One client's connection, kept open while it can be."""

    def __init__(self, clients):
        self.clients = clients
        self.open = None
        self.port = None

    def close(self):
        if self.open is not None:
            self.open.close()
        self.open = None

    def once(self, method, target, body=None):
        """None when it broke off: nothing was promised, whatever the server did."""
        port = self.clients.port
        if port is None:
            time.sleep(0.005)
            return None
        try:
            if self.open is None or self.port != port:
                self.close()
                self.open, self.port = http.client.HTTPConnection("127.0.0.1", port, timeout=20), port
            self.open.request(method, target, body)
            response = self.open.getresponse()
            answer = Answer(response.status, response.headers, json.loads(response.read()))
            if response.headers["Connection"] == "close":
                self.close()
            return answer
        except BROKEN_OFF:
            self.close()
            with self.clients.lock:
                self.clients.broken_off += 1
            return None

    def until_answered(self, method, target, body=None):
        """As a client does who wants to know: the same request again. None only at the end of the test."""
        while not self.clients.stopped:
            answer = self.once(method, target, body)
            if answer is not None and answer.status != 503:
                return answer
        return None


class Outcome:
    """What is in the database and in the event log."""

    def __init__(self, data):
        with sqlite3.connect(f"file:{data}/event_draft.db?mode=ro", uri=True) as database:
            self.drafts = {f"draft-{number}": (Draft(user, objective, store), status) for number, user, objective, store, status
                           in database.execute("select id, user_id, objective, store_name, status from drafts")}
        self.events = [json.loads(line) for line in (data / "events.jsonl").read_text("utf-8").splitlines()]
        self.first = {}  # ce_id: index
        self.duplicates = 0
        self.changed = []  # duplicates that are not the same event
        for index, event in enumerate(self.events):
            at = self.first.setdefault(event["headers"]["ce_id"], index)
            self.duplicates += at != index
            if self.events[at] != event:
                self.changed.append(event)

    def expected(self):
        """The ids of the events that there must be, and no others."""
        ids = {f"{id}.EventDraftCreated" for id in self.drafts}
        return ids | {f"{id}.EventCreated" for id, (_, status) in self.drafts.items() if status == "APPROVED"}

    def out_of_order(self):
        """Drafts whose approval was told first."""
        return [id for id in self.drafts if f"{id}.EventCreated" in self.first
                and self.first[f"{id}.EventCreated"] < self.first.get(f"{id}.EventDraftCreated", -1)]

    def in_progress(self):
        """How many drafts a user has that are not approved; the windows outlast every test."""
        return collections.Counter(draft.user for draft, status in self.drafts.values() if status == "DRAFT")


class Kills(Folder):
    def check(self, clients, outcome):
        self.assertEqual([], clients.wrong[:10])
        stored = {id: draft for id, (draft, _) in outcome.drafts.items()}
        self.assertEqual({}, {id: (draft, stored.get(id)) for id, draft in clients.created.items() if stored.get(id) != draft},
                         "acknowledged drafts that are not stored as they were acknowledged")
        self.assertEqual(set(), {id for id in clients.approved if outcome.drafts[id][1] != "APPROVED"})
        self.assertEqual(set(), outcome.expected() - set(outcome.first), "events that are missing")
        self.assertEqual(set(), set(outcome.first) - outcome.expected(), "events of what is not stored")
        self.assertEqual([], outcome.changed, "duplicates that are not the same event")
        self.assertEqual([], outcome.out_of_order())
        self.assertEqual({}, {user: count for user, count in outcome.in_progress().items() if count > 1})

    def await_delivery(self, server):
        """Until the outbox holds nothing that is still to be published."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            figures = dict(re.findall(r"(?m)^event_draft_outbox_(\w+) (\S+)$", server.call("GET", "/metrics")[2].decode()))
            self.assertEqual("0", figures.get("parked", "0"))
            if figures.get("pending") == "0":
                return
            time.sleep(0.1)
        self.fail(f"events are still pending: {figures}")

    def await_server(self, clients, patient):
        began = time.monotonic()
        server = Server(self.data, *FLAGS, patient=patient)
        clients.port = server.port
        return server, time.monotonic() - began

    def test_killed_at_any_moment(self):
        rng = random.Random(SEED)
        print(f"seed {SEED}", flush=True)
        clients = Clients(rng)
        clients.start(clients.begin, clients.begin, clients.begin, clients.insist, clients.approve_some, clients.approve_some, clients.look)
        slowest = 0.0
        try:
            for kill in range(KILLS):
                if kill % 10 == 9:  # before it listens
                    process = subprocess.Popen([SERVER, "--port", "0", "--data", str(self.data), *FLAGS], stdin=subprocess.DEVNULL,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(rng.uniform(0, 0.05))
                    process.kill()
                    process.wait(10)
                    continue
                server, took = self.await_server(clients, patient=False)
                with server:
                    slowest = max(slowest, took)
                    time.sleep(rng.uniform(0, 0.8))
                    clients.port = None
                    self.assertIsNone(server.process.poll(), server.log())
                    server.process.kill()
                    server.process.wait(10)
                    self.assertNotIn('"level":"error"', server.log())
            server, took = self.await_server(clients, patient=False)
            with server:
                time.sleep(0.5)
                clients.join()
                self.await_delivery(server)
                self.assertEqual(0, server.stop())
        finally:
            clients.join()
        outcome = Outcome(self.data)
        print(f"{KILLS} kills, {clients.broken_off} requests broken off; {len(clients.created)} drafts acknowledged and {len(outcome.drafts)} stored, {len(clients.approved)} approvals "
              f"acknowledged; {len(outcome.events)} events of which {outcome.duplicates} duplicates; answers {dict(clients.answers)}; "
              f"slowest start {slowest:.2f} s", flush=True)
        self.check(clients, outcome)
        self.assertGreater(len(clients.created), KILLS)
        self.assertGreater(len(clients.approved), 0)
        self.assertLess(slowest, START_TIME / 3)

    def test_stopped_under_load(self):
        """Whatever was carried out was answered, and all of it was settled: nothing is sent again."""
        clients = Clients(random.Random(SEED))
        server, _ = self.await_server(clients, patient=True)
        with server:
            clients.start(*[clients.begin] * 4, clients.approve_some, clients.approve_some)
            time.sleep(1.5)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(0, server.process.wait(20))
            clients.port = None
            clients.join()
        outcome = Outcome(self.data)
        self.assertEqual(set(outcome.drafts), set(clients.created), "a request was carried out and not answered")
        self.assertEqual({id for id, (_, status) in outcome.drafts.items() if status == "APPROVED"}, clients.approved)
        with contextlib.closing(sqlite3.connect(self.data / "event_draft.db")) as database, database:
            database.execute("update outbox set available_at = 0 where lease <> 0 and published_at is null")  # as if its time were over
        with Server(self.data, *FLAGS) as server:
            self.await_delivery(server)
            self.assertEqual(0, server.stop())
        outcome = Outcome(self.data)
        self.check(clients, outcome)
        self.assertEqual(0, outcome.duplicates)
        print(f"stopped under load: {len(outcome.drafts)} drafts, {len(outcome.events)} events, no duplicates", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
