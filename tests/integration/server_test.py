"""The example server as its operator and its clients see it: a real process, a real port, files in a temporary folder."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

from standstills import Standstills

SERVER = os.environ["EVENT_DRAFT_SERVER"]
ADMIN = str(pathlib.Path(SERVER).parent / "event_draft_admin")
START_TIME = 30
# For whatever else the machine does meanwhile.
PATIENT = {"EVENT_DRAFT_REQUEST_BUDGET_MS": "8000", "EVENT_DRAFT_MAX_WAIT_MS": "8000"}
OBJECTIVES = ["신규 고객 유치", "재방문 유도", "매출 증대", "인지도 향상"]


def request_body(user=123, **members):
    body = {"userId": user, "objective": "신규 고객 유치", "storeName": "맛있는집", "industry": "음식점", "address": "서울시 강남구"}
    body.update(members)
    return json.dumps({name: value for name, value in body.items() if value is not None}, ensure_ascii=False).encode()


class Server:
    """A running server; `with` stops it, whatever happens. One that is not patient gives requests the time that it has by itself."""

    def __init__(self, data, *flags, patient=True, environment=None, before=None):
        self.log_file = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [SERVER, "--port", "0", "--data", str(data), *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log_file, env={**os.environ, **(PATIENT if patient else {}), **(environment or {})},
            preexec_fn=before,
        )
        self.output = []
        try:
            self.port = self.await_port()
        except BaseException:
            self.close()
            raise

    def await_port(self):
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline:
            line = self.process.stdout.readline().decode()
            self.output.append(line)
            if match := re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line):
                return int(match[1])
            if not line:
                break
        raise AssertionError(f"the server did not start: {self.log()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()
        self.log_file.close()

    def stop(self):
        """Asks it to stop and gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def log(self):
        file = self.log_file.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode()  # the server writes where the file's position is

    def call(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def create(self, user=123, headers=None, **members):
        headers = {"Content-Type": "application/json", **(headers or {})}
        return self.call("POST", "/api/events/purposes", request_body(user, **members), headers)

    def approve(self, draft, user=123, headers=None):
        return self.call("POST", f"/api/events/drafts/{draft}/approval?userId={user}", headers=headers)

    def outbox(self):
        """The outbox's figures from /metrics; empty until they were taken for the first time."""
        return dict(re.findall(r"(?m)^event_draft_outbox_(\w+) (\S+)$", self.call("GET", "/metrics")[2].decode()))

    def until(self, ask, is_expected, expected):
        """The first answer that is as expected."""
        deadline = time.monotonic() + 20
        while not is_expected(answer := ask()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{expected} expected, there is {answer}; {self.log()}")
            time.sleep(0.05)
        return answer

    def await_outbox(self, **figures):
        """Until the figures are these: they are taken once a second, so they may be from before what was done last."""
        expected = {name: str(value) for name, value in figures.items()}
        return self.until(self.outbox, lambda shown: expected.items() <= shown.items(), expected)

    def await_readiness(self, status, **backends):
        """What /readyz tells, once it is that: who is asked has a part of a second for it."""
        _, _, body = self.until(lambda: self.call("GET", "/readyz"),
                                lambda answer: answer[0] == status and backends.items() <= json.loads(answer[2]).get("backends", {}).items(),
                                (status, backends))
        return json.loads(body)

    def limit_files(self, size):
        """Above it a write fails, as on a full disk."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class Folder(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="event_draft_"))
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)

    def events(self):
        return [json.loads(line) for line in (self.data / "events.jsonl").read_text("utf-8").splitlines()]

    def event_ids(self):
        return [event["headers"]["ce_id"] for event in self.events() if event.get("headers")]

    def drafts(self):
        with sqlite3.connect(f"file:{self.data}/event_draft.db?mode=ro", uri=True) as database:
            return database.execute("select count(*) from drafts").fetchone()[0]

    def unpublished(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/event_draft.db?mode=ro", uri=True)) as database:
            return database.execute("select count(*) from outbox where published_at is null").fetchone()[0]

    def await_published(self, server):
        server.until(self.unpublished, lambda count: count == 0, "no unpublished event")

    def full_event_log(self):
        limit = 4 * 1024 * 1024  # of each file: the events have reached it, the database is far from it
        (self.data / "events.jsonl").write_bytes(b'{"topic":"event-topic"}'.ljust(limit - 1) + b"\n")
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


class Answers(Folder):
    def test_the_specifications_request_gets_the_specifications_answer(self):
        with Server(self.data) as server:
            status, headers, body = server.create()
            self.assertEqual(200, status)
            self.assertEqual(
                '{"eventDraftId":"draft-1","objective":"신규 고객 유치","storeName":"맛있는집","status":"DRAFT"}'.encode(), body)
            self.assertEqual("application/json", headers["Content-Type"])
            self.assertEqual("created", headers["X-Draft-Origin"])
            self.assertEqual("acknowledged", headers["X-Event-Delivery"])
            self.assertRegex(headers["Server-Timing"],
                             r"^lookup;dur=[\d.]+, validate;dur=[\d.]+, save;dur=[\d.]+, cache;dur=[\d.]+, publish;dur=[\d.]+$")
        [event] = self.events()
        self.assertEqual(["topic", "key", "headers", "payload"], list(event))
        self.assertEqual(("event-topic", "draft-1"), (event["topic"], event["key"]))
        self.assertEqual(["eventDraftId", "userId", "objective", "createdAt"], list(event["payload"]))
        self.assertEqual({"eventDraftId": "draft-1", "userId": 123, "objective": "신규 고객 유치",
                          "createdAt": event["headers"]["ce_time"]}, event["payload"])

    def test_a_second_request_gets_the_draft_in_progress(self):
        with Server(self.data) as server:
            server.create()
            status, headers, body = server.create(objective="매출 증대")
            self.assertEqual((200, "in_progress", "true", "none"),
                             (status, headers["X-Draft-Origin"], headers["X-Draft-Differs"], headers["X-Event-Delivery"]))
            self.assertEqual("신규 고객 유치", json.loads(body)["objective"])
            self.assertEqual("false", server.create()[1]["X-Draft-Differs"])
        self.assertEqual(1, len(self.events()))

    def test_with_replace_a_different_request_makes_a_new_draft(self):
        with Server(self.data, "--in-progress", "replace") as server:
            server.create()
            _, headers, body = server.create(objective="매출 증대")
            self.assertEqual(("created", "draft-2"), (headers["X-Draft-Origin"], json.loads(body)["eventDraftId"]))

    def test_every_objective_composed_and_decomposed(self):
        import unicodedata
        with Server(self.data) as server:
            for user, objective in enumerate(OBJECTIVES, 1):
                status, _, body = server.create(user, objective=unicodedata.normalize("NFD", objective))
                self.assertEqual((200, objective), (status, json.loads(body)["objective"]))

    def test_errors(self):
        cases = [
            ({"objective": "무료 나눔"}, 400, "EVENT_001", None),
            ({"objective": None}, 400, "EVENT_001", None),
            ({"storeName": None, "address": " \u3000"}, 400, "EVENT_002", ["storeName", "address"]),
            ({"storeName": "x" * 101}, 400, "INVALID_STORE_INFO", ["storeName"]),
            ({"user": 0}, 400, "MALFORMED_REQUEST", ["userId"]),
            ({"user": "123"}, 400, "MALFORMED_REQUEST", ["userId"]),
            ({"industry": 7}, 400, "MALFORMED_REQUEST", ["industry"]),
        ]
        with Server(self.data) as server:
            for members, status, code, fields in cases:
                with self.subTest(members=members):
                    answered, headers, body = server.create(**members)
                    error = json.loads(body)
                    self.assertEqual((status, code, fields), (answered, error["code"], error.get("fields")))
                    self.assertEqual("ko", headers["Content-Language"])
            for body in [b"", b"{", b"[]", b"null", b'{"userId":1,"userId":2}', b"\xff", b"{}x"]:
                with self.subTest(body=body):
                    status, _, answer = server.call("POST", "/api/events/purposes", body)
                    self.assertEqual((400, "MALFORMED_REQUEST"), (status, json.loads(answer)["code"]))
            _, headers, body = server.create(objective="x", headers={"Accept": "application/problem+json", "Accept-Language": "en"})
            self.assertEqual("application/problem+json", headers["Content-Type"])
            self.assertEqual("urn:event-draft:error:EVENT_001", json.loads(body)["type"])
        self.assertEqual([], self.events())

    def test_a_draft_is_read_by_its_owner_alone(self):
        with Server(self.data) as server:
            server.create()
            status, _, body = server.call("GET", "/api/events/drafts/draft-1?userId=123")
            draft = json.loads(body)
            self.assertEqual(200, status)
            self.assertEqual(["eventDraftId", "userId", "objective", "storeName", "industry", "address", "status", "createdAt"], list(draft))
            for target, expected in [("draft-1?userId=124", 404), ("draft-2?userId=123", 404), ("nonsense?userId=123", 404),
                                     ("draft-1", 400), ("draft-1?userId=0", 400), ("draft-1?userId=123&userId=124", 400),
                                     ("draft-1?userId=12x", 400), ("draft-1/more?userId=123", 404), ("?userId=123", 404)]:
                with self.subTest(target=target):
                    self.assertEqual(expected, server.call("GET", "/api/events/drafts/" + target)[0])

    def test_paths_and_methods(self):
        with Server(self.data) as server:
            status, headers, _ = server.call("GET", "/api/events/purposes")
            self.assertEqual((405, "POST"), (status, headers["Allow"]))
            status, headers, _ = server.call("DELETE", "/healthz")
            self.assertEqual((405, "GET, HEAD"), (status, headers["Allow"]))
            self.assertEqual(404, server.call("GET", "/nothing")[0])
            self.assertEqual(404, server.call("GET", "/healthz/")[0])
            status, headers, body = server.call("HEAD", "/")
            self.assertEqual((200, b""), (status, body))
            self.assertGreater(int(headers["Content-Length"]), 1000)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_health_readiness_and_metrics(self):
        with Server(self.data) as server:
            self.assertEqual((200, {"status": "ok"}), (lambda s, _, b: (s, json.loads(b)))(*server.call("GET", "/healthz")))
            server.await_outbox(pending=0, oldest_seconds=0, attempts_max=0, parked=0)
            self.assertEqual({"status": "ready", "backends": {"sqlite": "ready", "cache": "ready", "event_log": "ready"},
                              "outbox": {"pending": 0, "oldestSeconds": 0, "parked": 0}},
                             server.await_readiness(200, sqlite="ready", event_log="ready"))
            server.create()
            server.create(objective="x", user=5)
            _, headers, body = server.call("GET", "/metrics")
            lines = body.decode().splitlines()
            self.assertIn("text/plain; version=0.0.4", headers["Content-Type"])
            self.assertIn('event_draft_steps_total{operation="create",step="publish",outcome="ok"} 1', lines)
            self.assertIn('event_draft_steps_total{operation="relay",step="publish",outcome="parked"} 0', lines)
            self.assertIn('event_draft_http_requests_total{route="/api/events/purposes",status="200"} 1', lines)
            self.assertIn('event_draft_http_requests_total{route="/api/events/purposes",status="400"} 1', lines)
            self.assertIn("event_draft_cache_entries 2", lines)
            for line in lines:
                self.assertRegex(line, r'^(# (HELP|TYPE) .*|[a-z_]+(\{[a-zA-Z_]+="[^"]*"(,[a-zA-Z_]+="[^"]*")*\})? [\d.e+-]+)$')

    def test_fifty_requests_of_one_user_at_once_make_one_draft(self):
        with Server(self.data) as server, concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: server.create(), range(50)))
        self.assertEqual({200}, {status for status, _, _ in answers})
        self.assertEqual(1, len({body for _, _, body in answers}))
        self.assertEqual(1, sum(headers["X-Draft-Origin"] == "created" for _, headers, _ in answers))
        self.assertEqual((1, 1), (self.drafts(), len(self.events())))


class Approvals(Folder):
    def test_once_by_its_owner_and_then_another_draft(self):
        with Server(self.data) as server:
            server.create()
            self.await_published(server)  # an approval's own event never overtakes the first
            status, headers, body = server.approve("draft-1", headers={"traceparent": "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"})
            draft = json.loads(body)
            self.assertEqual((200, "approved", "acknowledged"), (status, headers["X-Draft-Approval"], headers["X-Event-Delivery"]))
            self.assertEqual(("draft-1", 123, "APPROVED"), (draft["eventDraftId"], draft["userId"], draft["status"]))
            self.assertEqual({"approve", "cache", "publish"}, set(re.findall(r"(\w+);dur=", headers["Server-Timing"])))
            status, headers, again = server.approve("draft-1")
            self.assertEqual((200, "already_approved", "none", body),
                             (status, headers["X-Draft-Approval"], headers["X-Event-Delivery"], again))
            self.assertEqual(body, server.call("GET", "/api/events/drafts/draft-1?userId=123")[2])
            _, headers, body = server.create()
            self.assertEqual(("created", "draft-2"), (headers["X-Draft-Origin"], json.loads(body)["eventDraftId"]))
            self.assertEqual("in_progress", server.create()[1]["X-Draft-Origin"])
        self.assertEqual(["draft-1.EventDraftCreated", "draft-1.EventCreated", "draft-2.EventDraftCreated"], self.event_ids())
        created, approved, _ = self.events()
        self.assertEqual({**created["payload"], "approvedAt": approved["headers"]["ce_time"]}, approved["payload"])
        self.assertEqual("00-" + "ab" * 16 + "-" + "cd" * 8 + "-01", approved["headers"]["traceparent"])

    def test_what_is_refused(self):
        with Server(self.data) as server:
            server.create()
            for target, expected in [("draft-1/approval?userId=124", 404), ("draft-2/approval?userId=123", 404),
                                     ("nonsense/approval?userId=123", 404), ("/approval?userId=123", 404),
                                     ("draft-1/approval", 400), ("draft-1/approval?userId=0", 400),
                                     ("draft-1/approval/?userId=123", 404), ("draft-1/approvals?userId=123", 404)]:
                with self.subTest(target=target):
                    self.assertEqual(expected, server.call("POST", "/api/events/drafts/" + target)[0])
            status, headers, _ = server.call("GET", "/api/events/drafts/draft-1/approval?userId=123")
            self.assertEqual((405, "POST"), (status, headers["Allow"]))
            self.assertEqual(403, server.approve("draft-1", headers={"Origin": "http://elsewhere.example"})[0])
            self.assertEqual("DRAFT", json.loads(server.call("GET", "/api/events/drafts/draft-1?userId=123")[2])["status"])
        self.assertEqual(["draft-1.EventDraftCreated"], self.event_ids())

    def test_fifty_at_once_are_one(self):
        with Server(self.data) as server, concurrent.futures.ThreadPoolExecutor(50) as pool:
            server.create()
            answers = list(pool.map(lambda _: server.approve("draft-1"), range(50)))
            self.assertEqual(0, server.stop())  # the relay has what waited for the first event to be settled
        self.assertEqual({200}, {status for status, _, _ in answers})
        self.assertEqual(1, sum(headers["X-Draft-Approval"] == "approved" for _, headers, _ in answers))
        self.assertEqual(["draft-1.EventDraftCreated", "draft-1.EventCreated"], self.event_ids())


class Parked(Folder):
    def admin(self, *arguments, status=0):
        done = subprocess.run([ADMIN, "--data", str(self.data), *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        self.assertEqual(status, done.returncode, done)
        return (done.stdout or done.stderr).decode()

    def park(self, count):
        """As many drafts whose first events the relay gave up, in a database that no server uses just now."""
        with Server(self.data, "--event-log-sync", "never") as server:
            for user in range(1, count + 1):
                self.assertEqual("acknowledged", server.create(user)[1]["X-Event-Delivery"])
            server.stop()
        (self.data / "events.jsonl").unlink()
        with contextlib.closing(sqlite3.connect(self.data / "event_draft.db")) as database, database:
            database.execute("update outbox set published_at = null, parked_at = 1795000000123, reason = 'EVENT_REJECTED', attempts = 16")

    def test_an_event_that_fails_by_itself_is_parked_and_replayed(self):
        with Server(self.data, "--relay-attempts", "2", "--relay-backoff-ms", "5000", before=self.full_event_log()) as server:
            self.assertEqual("no event is parked\n", self.admin("list"))
            server.create(1)
            server.await_outbox(pending=1)
            server.limit_files(resource.RLIM_INFINITY)
            server.await_outbox(pending=0)  # the relay knows that publishing works, so what fails now fails by itself
            server.limit_files((self.data / "events.jsonl").stat().st_size)
            self.assertEqual("pending", server.create(2)[1]["X-Event-Delivery"])
            server.await_outbox(pending=0, parked=1)
            self.assertEqual(200, server.call("GET", "/readyz")[0])
            self.assertRegex(server.log(), r'"level":"error","event":"step","operation":"relay","step":"publish","outcome":"parked"')
            heading, line = self.admin("list").splitlines()
            self.assertEqual(["ID", "ATTEMPTS", "PARKED AT", "REASON"], re.split(r"  +", heading))
            self.assertRegex(line, r"^draft-2\.EventDraftCreated +2  20\d\d-\S+Z  PUBLISHER_UNAVAILABLE$")
            server.limit_files(resource.RLIM_INFINITY)
            self.assertEqual("pending", server.approve("draft-2", user=2)[1]["X-Event-Delivery"])
            server.create(3)
            server.await_outbox(pending=1, parked=1)  # the approval waits for the draft's first event
            self.assertEqual("replayed draft-2.EventDraftCreated\n", self.admin("replay", "draft-2.EventDraftCreated"))
            server.await_outbox(pending=0, parked=0)
            self.assertEqual(["draft-1.EventDraftCreated", "draft-3.EventDraftCreated", "draft-2.EventDraftCreated",
                              "draft-2.EventCreated"], self.event_ids())

    def test_listing_replaying_and_discarding(self):
        self.park(250)
        with Server(self.data) as server:
            server.await_outbox(pending=0, parked=250)
            listed = json.loads(self.admin("list", "--json"))
            self.assertEqual({f"draft-{number}.EventDraftCreated" for number in range(1, 251)}, {event["id"] for event in listed})
            self.assertEqual({"id": "draft-7.EventDraftCreated", "attempts": 16, "reason": "EVENT_REJECTED",
                              "parkedAt": "2026-11-18T11:06:40.123Z"}, [e for e in listed if e["id"].startswith("draft-7.")][0])
            self.assertEqual(251, len(self.admin("list").splitlines()))
            self.assertEqual("discarded draft-9.EventDraftCreated\ndiscarded draft-8.EventDraftCreated\n",
                             self.admin("discard", "draft-9.EventDraftCreated", "draft-8.EventDraftCreated"))
            self.assertEqual("event_draft_admin: draft-9.EventDraftCreated is not parked\n",
                             self.admin("replay", "draft-9.EventDraftCreated", status=1))
            for nonsense in ["draft-1", "../x", "draft-1.EventDraftCreated?", ""]:
                self.assertEqual(f"event_draft_admin: {nonsense} is not parked\n", self.admin("discard", nonsense, status=1))
            self.assertEqual("replayed draft-10.EventDraftCreated\n",
                             self.admin("replay", "draft-9.EventDraftCreated", "draft-10.EventDraftCreated", status=1))
            self.assertEqual(247, len(self.admin("replay", "--all").splitlines()))
            self.assertEqual("", self.admin("discard", "--all"))
            server.await_outbox(pending=0, parked=0)
        self.assertEqual({f"draft-{number}.EventDraftCreated" for number in range(1, 251) if number not in (8, 9)}, set(self.event_ids()))
        self.assertEqual(248, len(self.event_ids()))

    def test_an_event_that_is_discarded_lets_the_next_one_go(self):
        self.park(1)
        with Server(self.data) as server:
            self.assertEqual("pending", server.approve("draft-1", user=1)[1]["X-Event-Delivery"])
            self.assertEqual("discarded draft-1.EventDraftCreated\n", self.admin("discard", "--all"))
            server.await_outbox(pending=0, parked=0)
        self.assertEqual(["draft-1.EventCreated"], self.event_ids())

    def test_pages(self):
        self.park(3)
        with Server(self.data) as server:
            bearer = {"Authorization": "bearer " + json.loads((self.data / "admin").read_text())["token"]}
            first = json.loads(server.call("GET", "/admin/outbox/parked?limit=2", headers=bearer)[2])
            self.assertEqual((2, "draft-2.EventDraftCreated"), (len(first["parked"]), first["next"]))
            rest = json.loads(server.call("GET", "/admin/outbox/parked?limit=2&after=" + first["next"], headers=bearer)[2])
            self.assertEqual((["draft-3.EventDraftCreated"], None), ([event["id"] for event in rest["parked"]], rest["next"]))
            for query in ["limit=0", "limit=1001", "limit=-1", "limit=2x", "after=draft-1", "after=draft-1.EventLost"]:
                self.assertEqual(400, server.call("GET", "/admin/outbox/parked?" + query, headers=bearer)[0], query)

    def test_only_with_the_token(self):
        self.park(1)
        with Server(self.data) as server:
            access = self.data / "admin"
            self.assertEqual(0o600, access.stat().st_mode & 0o777)
            told = json.loads(access.read_text())
            self.assertEqual(("127.0.0.1", server.port, 64), (told["address"], told["port"], len(told["token"])))
            token = told["token"]
            wrong = [{}, {"Authorization": token}, {"Authorization": f"Basic {token}"}, {"Authorization": "Bearer "},
                     {"Authorization": f"Bearer {token[:-1]}"}, {"Authorization": f"Bearer {token}0"},
                     {"Authorization": "Bearer " + token[:-1] + ("1" if token[-1] == "0" else "0")},
                     {"Authorization": "Bearer " + ("1" if token[0] == "0" else "0") + token[1:]}, {"Authorization": f"Bearer {'0' * 64}"}]
            for method, target in [("GET", "/admin/outbox/parked"), ("DELETE", "/admin/outbox/parked/draft-1.EventDraftCreated"),
                                   ("POST", "/admin/outbox/parked/draft-1.EventDraftCreated/replay")]:
                for headers in wrong:
                    status, answered, body = server.call(method, target, headers=headers)
                    self.assertEqual((401, "Bearer", "UNAUTHORIZED"), (status, answered["WWW-Authenticate"], json.loads(body)["code"]))
            self.assertEqual(404, server.call("GET", "/admin")[0])
            self.assertEqual(200, server.call("GET", "/admin/outbox/parked", headers={"Authorization": f"Bearer {token}"})[0])
            self.assertNotIn(token, server.log() + "".join(server.output))
            server.await_outbox(parked=1)
            self.assertEqual(0, server.stop())
            self.assertFalse(access.exists())
        with Server(self.data):
            self.assertNotEqual(token, json.loads(access.read_text())["token"])

    def test_no_server(self):
        self.assertEqual(f"event_draft_admin: no server is running on {self.data}\n", self.admin("list", status=1))
        with Server(self.data) as server:
            server.process.kill()
            server.process.wait(10)
        self.assertIn(f"no server answers for {self.data}: ", self.admin("list", status=1))
        (self.data / "admin").write_text("nonsense")
        self.assertIn("is not what a server writes", self.admin("list", status=1))

    def test_what_it_can_not_be_asked(self):
        for arguments in [[], ["replay"], ["discard"], ["list", "draft-1"], ["replay", "--all", "draft-1.EventCreated"], ["purge"]]:
            self.assertIn("--help", self.admin(*arguments, status=2))


class Earlier(Folder):
    """What was stored by earlier versions of the program."""

    SCHEMA_1 = """
        create table drafts (id integer primary key autoincrement check (id > 0), user_id integer not null check (user_id > 0),
          objective text not null check (objective in ('신규 고객 유치', '재방문 유도', '매출 증대', '인지도 향상')),
          store_name text not null check (length(store_name) between 1 and 100), industry text not null check (length(industry) between 1 and 50),
          address text not null check (length(address) between 1 and 200), status text not null check (status = 'DRAFT'),
          created_at integer not null check (created_at between -62167219200000 and 253402300799999)) strict;
        create table in_progress_drafts (user_id integer primary key check (user_id > 0), draft_id integer not null references drafts (id),
          until integer not null) strict;
        pragma application_id = 0x45764472; pragma user_version = 1; pragma journal_mode = wal;
    """

    def test_a_database_of_the_first_version_is_served_on(self):
        now = int(time.time() * 1000)
        with contextlib.closing(sqlite3.connect(self.data / "event_draft.db")) as database, database:
            database.executescript(self.SCHEMA_1)
            row = ("매출 증대", "옛집", "음식점", "부산시", "DRAFT", now)
            database.executemany("insert into drafts values (?, ?, ?, ?, ?, ?, ?, ?)", [(1, 7, *row), (4, 8, *row), (9, 8, *row)])
            database.execute("delete from drafts where id = 9")  # its id is not given again
            database.executemany("insert into in_progress_drafts values (?, ?, ?)", [(7, 1, now - 1), (8, 4, now + 1_000_000)])
        with Server(self.data) as server:
            _, headers, body = server.create(8)
            self.assertEqual(("in_progress", "draft-4"), (headers["X-Draft-Origin"], json.loads(body)["eventDraftId"]))
            found = json.loads(server.call("GET", "/api/events/drafts/draft-1?userId=7")[2])
            self.assertEqual(("옛집", "DRAFT", "부산시"), (found["storeName"], found["status"], found["address"]))
            _, headers, body = server.create(7)
            self.assertEqual(("created", "draft-10"), (headers["X-Draft-Origin"], json.loads(body)["eventDraftId"]))
            status, headers, _ = server.approve("draft-4", user=8)
            self.assertEqual((200, "acknowledged"), (status, headers["X-Event-Delivery"]))
            self.assertEqual("created", server.create(8)[1]["X-Draft-Origin"])
            server.await_outbox(pending=0, parked=0)
            self.assertEqual(0, server.stop())
        # What happened to the first events of the old drafts, only the old program knew.
        self.assertEqual(["draft-10.EventDraftCreated", "draft-4.EventCreated", "draft-11.EventDraftCreated"], self.event_ids())
        with Server(self.data) as server:
            self.assertEqual("APPROVED", json.loads(server.call("GET", "/api/events/drafts/draft-4?userId=8")[2])["status"])


class Faults(Folder):
    def test_drafts_and_windows_survive_a_restart_and_a_kill(self):
        with Server(self.data) as server:
            server.create()
            server.process.kill()
            server.process.wait(10)
        with Server(self.data) as server:
            _, headers, body = server.create(objective="매출 증대")
            self.assertEqual(("in_progress", "draft-1"), (headers["X-Draft-Origin"], json.loads(body)["eventDraftId"]))
            self.assertEqual(200, server.call("GET", "/api/events/drafts/draft-1?userId=123")[0])

    def test_events_that_find_no_room_are_delivered_when_there_is_some(self):
        with Server(self.data, "--relay-backoff-ms", "500", before=self.full_event_log()) as server:
            status, headers, _ = server.create()
            self.assertEqual((200, "pending"), (status, headers["X-Event-Delivery"]))
            status, headers, body = server.approve("draft-1")
            self.assertEqual((200, "pending", "APPROVED"), (status, headers["X-Event-Delivery"], json.loads(body)["status"]))
            shown = server.await_outbox(pending=2, parked=0)
            self.assertGreaterEqual(float(shown["oldest_seconds"]), 0)
            status, _, body = server.call("GET", "/readyz")
            self.assertEqual((200, 2), (status, json.loads(body)["outbox"]["pending"]))
            self.assertIn('"outcome":"pending"', server.log())
            self.assertEqual([], self.event_ids())
            server.limit_files(resource.RLIM_INFINITY)
            server.await_outbox(pending=0, oldest_seconds=0)
            self.assertEqual(["draft-1.EventDraftCreated", "draft-1.EventCreated"], self.event_ids())
            self.assertEqual("acknowledged", server.create(2)[1]["X-Event-Delivery"])

    def test_pending_events_are_delivered_after_a_restart(self):
        with Server(self.data, before=self.full_event_log()) as server:
            for user in range(1, 6):
                self.assertEqual("pending", server.create(user)[1]["X-Event-Delivery"])
            self.assertEqual(0, server.stop())
        with Server(self.data) as server:
            server.await_outbox(pending=0)
            self.assertEqual(sorted(f"draft-{number}.EventDraftCreated" for number in range(1, 6)), sorted(self.event_ids()))

    def test_an_event_log_that_was_moved_is_shown_and_ends_no_readiness(self):
        with Server(self.data) as server:
            (self.data / "events.jsonl").rename(self.data / "events.1")
            self.assertEqual("pending", server.create()[1]["X-Event-Delivery"])
            self.assertEqual("ready", server.await_readiness(200, event_log="PUBLISHER_UNAVAILABLE")["status"])
            self.assertEqual(0, server.stop())
        with Server(self.data) as server:
            server.await_outbox(pending=0)
            self.assertEqual(["draft-1.EventDraftCreated"], self.event_ids())

    def test_a_database_that_does_not_take_drafts_leaves_health_and_ends_readiness(self):
        self.while_the_database_is_locked("--driver", "awaiting", "--max-waiting", "4")

    def test_a_database_that_does_not_take_drafts_leaves_workers_for_health(self):
        self.while_the_database_is_locked("--driver", "blocking", "--workers", "1", "--max-waiting", "4")

    def while_the_database_is_locked(self, *flags):
        waits = ["--request-budget-ms", "3000", "--max-wait-ms", "3000"]
        with Server(self.data, "--cache-entries", "1", *waits, *flags) as server, concurrent.futures.ThreadPoolExecutor(12) as pool, \
                contextlib.closing(sqlite3.connect(self.data / "event_draft.db", isolation_level=None)) as other:
            for user in (100, 101):  # the cache has forgotten the first
                server.create(user)
            other.execute("begin immediate")
            creates = [pool.submit(server.create, user) for user in range(1, 12)]
            concurrent.futures.wait(creates, return_when=concurrent.futures.FIRST_COMPLETED)  # all places are taken
            began = time.monotonic()
            late = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            with Standstills() as standstills:
                self.assertEqual(503, self.create_over(late, 12))
                self.assertLess(standstills.without(began, time.monotonic()), 0.2, "that there was no place was told late")
            self.assertEqual(200, server.call("GET", "/healthz")[0])
            self.assertEqual(200, server.call("GET", "/metrics")[0])
            self.assertEqual(401, server.call("GET", "/admin/outbox/parked")[0])
            self.assertFalse(all(create.done() for create in creates), "nothing waited for the database")
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual({503}, {create.result()[0] for create in creates})
            busy = [create.result() for create in creates if json.loads(create.result()[2])["code"] == "SERVER_BUSY"]
            self.assertTrue(busy)
            self.assertEqual({"1"}, {headers["Retry-After"] for _, headers, _ in busy})
            server.await_readiness(503, sqlite="save_failed")
            time.sleep(1.5)  # by now the relay waits for the database, too: reads don't
            self.assertEqual(200, server.call("GET", "/api/events/drafts/draft-1?userId=100")[0])
            self.assertIn('event_draft_http_requests_total{route="refused",status="503"}', server.call("GET", "/metrics")[2].decode())
            other.execute("rollback")
            self.assertEqual(200, self.create_over(late, 50), "being busy does not end a connection")
            late.close()
            self.assertEqual(200, server.call("GET", "/readyz")[0])

    @staticmethod
    def create_over(connection, user):
        """Its status."""
        connection.request("POST", "/api/events/purposes", request_body(user), {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status

    def test_a_torn_last_event_is_cut_off_and_logged(self):
        (self.data / "events.jsonl").write_text('{"topic":"event-topic"}\n{"top')
        with Server(self.data) as server:
            server.stop()
            [record] = [json.loads(line) for line in server.log().splitlines() if "torn" in line]
            self.assertEqual(("warning", 5), (record["level"], record["bytes"]))

    def test_fewer_files_than_connections(self):
        with Server(self.data, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096))) as server:
            self.assertRegex("".join(server.output), r"(?m)^  max-connections +1024$")
            self.assertIn("Max open files            1156 ", pathlib.Path(f"/proc/{server.process.pid}/limits").read_text())
        with Server(self.data, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))) as server:
            self.assertRegex("".join(server.output), r"(?m)^  max-connections +124$")
            self.assertIn("max_connections_lowered", server.log())

    def begin_request(self, connection, length):
        """The server has its head, and waits for its body."""
        connection.sendall(b"POST /api/events/purposes HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                           b"Content-Length: %d\r\n\r\n" % length)
        self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", connection.recv(65536))

    def test_a_second_signal_ends_it_at_once(self):
        with Server(self.data, "--grace-ms", "60000") as server, \
                socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow:
            self.begin_request(slow, 10)
            server.process.send_signal(signal.SIGINT)
            server.until(server.log, lambda log: '"stopping"' in log, "stopping")
            self.assertIsNone(server.process.poll())
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(128 + signal.SIGINT, server.process.wait(5))
            self.assertIn('"cut_short"', server.log())

    def test_sigterm_finishes_what_was_accepted(self):
        with Server(self.data) as server:
            slow = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            body = request_body()
            self.begin_request(slow, len(body))
            slow.sendall(body[:20])
            server.process.send_signal(signal.SIGTERM)
            server.until(lambda: self.accepts(server.port), lambda accepts: not accepts, "no more connections")
            slow.sendall(body[20:])
            answer = b""
            while chunk := slow.recv(65536):
                answer += chunk
            slow.close()
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
            self.assertIn(b"Connection: close", answer)
            self.assertEqual(0, server.process.wait(20))
        self.assertEqual((1, 1), (self.drafts(), len(self.events())))

    @staticmethod
    def accepts(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return True
        except OSError:
            return False

    def test_a_reader_of_the_log_that_went_away_does_not_stop_the_service(self):
        process = subprocess.Popen([SERVER, "--port", "0", "--data", str(self.data), "--log-level", "debug"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            while match := process.stdout.readline().decode():
                if port := re.search(r"listening on http://127\.0\.0\.1:(\d+)", match):
                    break
            process.stderr.close()
            for user in range(1, 20):
                connection = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=10)
                connection.request("POST", "/api/events/purposes", request_body(user))
                self.assertEqual(200, connection.getresponse().status)
                connection.close()
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()

    def test_the_log_is_one_json_object_a_line(self):
        with Server(self.data, "--log-level", "debug") as server:
            server.create(headers={"traceparent": 'x"y\\z'})
            server.create(objective='"\n')
            server.call("GET", "/%0a%22%00?x=\"y\\z")
            server.stop()
            for line in server.log().splitlines():
                self.assertIn("event", json.loads(line))


class Starting(Folder):
    def refused(self, *flags, status=1, environment=None):
        """What a server that must not start prints, one line, with that exit status."""
        done = subprocess.run([SERVER, *flags], stdin=subprocess.DEVNULL, capture_output=True, timeout=START_TIME,
                              env={**os.environ, **(environment or {})})
        lines = done.stderr.decode().splitlines()
        self.assertEqual((status, 1, b""), (done.returncode, len(lines), done.stdout), lines)
        self.assertTrue(lines[0].startswith("event_draft_server: "), lines)
        return lines[0]

    def data_flags(self):
        return ["--port", "0", "--data", str(self.data)]

    def test_it_prints_what_is_in_force_and_a_line_for_each_objective(self):
        with Server(self.data, "--cache-entries", "7", environment={"EVENT_DRAFT_WORKERS": "3"}) as server:
            output = "".join(server.output)
            self.assertRegex(output, r"(?m)^  cache-entries +7$")
            self.assertRegex(output, r"(?m)^  workers +3$")
            rest = "".join(server.process.stdout.readline().decode() for _ in range(3 + len(OBJECTIVES)))
            for objective in OBJECTIVES:
                [line] = [line for line in rest.splitlines() if objective in line]
                answer = subprocess.run(["sh", "-c", line + " -s"], capture_output=True, timeout=20).stdout.decode()
                self.assertIn("200 OK", answer)
                self.assertIn(f'"objective":"{objective}"', answer)

    def test_a_flag_wins_over_the_file_and_that_over_the_environment(self):
        file = self.data / "server.conf"
        file.write_text("workers=2\nmax-waiting=9\ncache-entries=11\n")
        with Server(self.data, "--config", str(file), "--workers", "5",
                    environment={"EVENT_DRAFT_WORKERS": "3", "EVENT_DRAFT_MAX_WAITING": "8"}) as server:
            output = "".join(server.output)
            self.assertRegex(output, r"(?m)^  workers +5$")
            self.assertRegex(output, r"(?m)^  max-waiting +9$")
            self.assertRegex(output, r"(?m)^  cache-entries +11$")

    def test_a_file_that_the_environment_names(self):
        file = self.data / "server.conf"
        file.write_text("workers=2\n")
        with Server(self.data, environment={"EVENT_DRAFT_CONFIG": str(file), "EVENT_DRAFT_WORKERS": "3"}) as server:
            self.assertRegex("".join(server.output), r"(?m)^  workers +2$")
        other = self.data / "other.conf"
        other.write_text("workers=4\n")
        with Server(self.data, "--config", str(other), environment={"EVENT_DRAFT_CONFIG": str(file)}) as server:
            self.assertRegex("".join(server.output), r"(?m)^  workers +4$")
        self.assertIn("nosuch.conf", self.refused(status=2, environment={"EVENT_DRAFT_CONFIG": "nosuch.conf"}))

    def test_several_host_names_in_one_variable(self):
        with Server(self.data, environment={"EVENT_DRAFT_HOST_NAME": "one.example,two.example"}) as server:
            for name, status in [("one.example", 200), ("two.example", 200), ("three.example", 421)]:
                self.assertEqual(status, server.call("GET", "/healthz", headers={"Host": name})[0])

    def test_a_part_of_the_budget_that_is_more_than_the_whole(self):
        self.assertIn("--cache-budget-ms", self.refused("--cache-budget-ms", "501", status=2))

    def test_the_data_folder_is_not_for_everybody(self):
        with Server(self.data / "new" / "data"):
            self.assertEqual(0, (self.data / "new" / "data").stat().st_mode & 0o027)

    def test_a_standard_error_that_is_full_or_closed(self):
        for redirection in ["2>/dev/full", "2>&-", "<&- >&- 2>&-"]:
            for flags, status in [("--port 99999", 2), ("--port 0 --address 192.0.2.1 --data " + str(self.data), 1)]:
                with self.subTest(redirection=redirection, flags=flags):
                    done = subprocess.run(["sh", "-c", f'exec "$0" {flags} {redirection}', SERVER], stdout=subprocess.DEVNULL,
                                          timeout=START_TIME)
                    self.assertEqual(status, done.returncode)
        for file in self.data.iterdir():
            self.assertNotIn(b"192.0.2.1", file.read_bytes(), file)

    def test_bad_flags(self):
        self.assertIn("--port", self.refused("--port", "99999", status=2))
        self.assertIn("--bogus", self.refused("--bogus", status=2))
        self.assertIn("--workers", self.refused("--workers", "0", status=2))
        self.assertIn("--in-progress", self.refused("--in-progress", "sometimes", status=2))
        self.assertIn("nosuch.conf", self.refused("--config", "nosuch.conf", status=2))
        file = self.data / "server.conf"
        file.write_text("wrokers=2\n")
        self.assertIn("wrokers", self.refused("--config", str(file), status=2))

    def test_a_port_in_use(self):
        with Server(self.data) as server:
            other = self.data / "other"
            line = self.refused("--data", str(other), "--port", str(server.port))
            self.assertIn(str(server.port), line)

    def test_an_address_that_is_not_this_machines(self):
        self.assertIn("192.0.2.1", self.refused(*self.data_flags(), "--address", "192.0.2.1"))
        self.assertIn("nonsense", self.refused(*self.data_flags(), "--address", "nonsense"))

    def test_data_in_use_by_another_server(self):
        with Server(self.data):
            self.assertIn("event_draft.db", self.refused(*self.data_flags()))

    def test_a_data_folder_that_can_not_be_made(self):
        (self.data / "file").write_text("")
        self.assertIn("file/data", self.refused("--port", "0", "--data", str(self.data / "file" / "data")))

    def test_a_database_that_is_a_folder(self):
        (self.data / "event_draft.db").mkdir()
        self.assertIn("event_draft.db", self.refused(*self.data_flags()))

    def test_a_damaged_database(self):
        (self.data / "event_draft.db").write_bytes(bytes(range(256)) * 64)
        self.assertIn("event_draft.db", self.refused(*self.data_flags()))

    def test_another_applications_database(self):
        with sqlite3.connect(self.data / "event_draft.db") as database:
            database.execute("create table theirs (id integer)")
        self.assertIn("event_draft.db", self.refused(*self.data_flags()))

    def test_an_event_log_that_is_a_folder(self):
        (self.data / "events.jsonl").mkdir()
        self.assertIn("events.jsonl", self.refused(*self.data_flags()))


if __name__ == "__main__":
    unittest.main()
