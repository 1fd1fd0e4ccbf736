"""The Analytics Service against the Kafka that examples/servers/run has started: EVENT_DRAFT_CONSUMER is its program."""

import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BROKERS = os.environ["EVENT_DRAFT_KAFKA"]
CONSUMER = os.environ["EVENT_DRAFT_CONSUMER"]
DAY = "2026-11-23"


def produce(value, key="draft-1", **headers):
    command = ["kcat", "-P", "-b", BROKERS, "-t", "event-topic", "-k", key, "-c", "1"]
    for name, text in headers.items():
        command += ["-H", f"{name}={text}"]
    subprocess.run(command, input=value.encode(), check=True, timeout=20)


def announce(number, objective="신규 고객 유치", day=DAY):
    draft = f"draft-{number}"
    payload = f'{{"eventDraftId":"{draft}","userId":1,"objective":"{objective}","createdAt":"{day}T09:00:00.000Z"}}'
    produce(payload, draft, ce_id=f"{draft}.EventDraftCreated", ce_source="/event-draft", ce_type="EventDraftCreated")


class Running:
    """A consumer of one group whose files are in a folder."""

    def __init__(self, folder, group, name="counts"):
        self.csv = pathlib.Path(folder) / f"{name}.csv"
        self.errors = pathlib.Path(folder) / f"{name}.err"
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([CONSUMER, "--group", group, "--csv", self.csv, "--progress",
                                             pathlib.Path(folder) / f"{name}.progress"], stdout=subprocess.PIPE,
                                            stderr=errors, text=True)

    def counts(self):
        lines = self.csv.read_text().splitlines()[1:] if self.csv.exists() else []
        return {tuple(line.split(",")[:2]): int(line.split(",")[2]) for line in lines}

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=20)
        return output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Consumer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def await_counts(self, *consumers, expected):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = {}
            for consumer in consumers:
                for key, count in consumer.counts().items():
                    found[key] = found.get(key, 0) + count
            if found == expected:
                return
            time.sleep(0.05)
        self.assertEqual(found, expected)

    def await_key(self, consumer, key, count, announced=()):
        for number in announced:
            announce(number, key[1], key[0])
        until = time.monotonic() + 20
        while consumer.counts().get(key) != count:
            self.assertLess(time.monotonic(), until, consumer.counts())
            time.sleep(0.05)

    def await_signal_taken(self, pid):
        """One that is still pending would be one with the next."""
        until = time.monotonic() + 20
        while not re.search(r"(?m)^ShdPnd:\s+0+$", pathlib.Path(f"/proc/{pid}/status").read_text()):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)

    def test_counts_once_and_goes_on_after_restarts(self):
        announce(1)
        announce(2)
        announce(1)
        produce("no JSON", ce_id="x", ce_source="y", ce_type="EventDraftCreated")
        produce("no headers")
        announce(3, "매출 증대", "2026-11-24")
        expected = {(DAY, "신규 고객 유치"): 2, ("2026-11-24", "매출 증대"): 1}
        with Running(self.folder, "restarts") as consumer:
            self.await_counts(consumer, expected=expected)
            table = consumer.stop()
            self.assertEqual(consumer.process.returncode, 0)
        self.assertIn("1 resends, 2 unreadable", table)
        self.assertIn("skipped event-topic[", consumer.errors.read_text())
        lag = subprocess.run(["kcat", "-b", BROKERS, "-G", "restarts", "-X", "auto.offset.reset=earliest", "-e", "-q",
                              "event-topic"], check=True, timeout=20, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True).stdout
        self.assertEqual(lag, "", "what was read is not committed")

        announce(4, "인지도 향상")
        announce(2)  # a resend of what the first run has counted
        expected[(DAY, "인지도 향상")] = 1
        with Running(self.folder, "restarts") as consumer:
            self.await_counts(consumer, expected=expected)
            consumer.stop(signal.SIGKILL)
        announce(5, "인지도 향상")
        expected[(DAY, "인지도 향상")] = 2
        with Running(self.folder, "restarts") as consumer:
            self.await_counts(consumer, expected=expected)
            time.sleep(1.2)  # a second count would show
            self.assertEqual(consumer.counts(), expected)
            self.assertIn("2 resends, 2 unreadable", consumer.stop())
        with Running(self.folder, "restarts-of-another-group") as consumer:  # nothing of its is committed
            announce(6, "인지도 향상")
            expected[(DAY, "인지도 향상")] = 3
            self.await_counts(consumer, expected=expected)
            self.assertIn("2 resends, 2 unreadable", consumer.stop())

    def test_rebalances_count_nothing_twice(self):
        with Running(self.folder, "rebalances", "a") as first:
            for number in range(100, 110):
                announce(number, "재방문 유도", "2026-12-01")
            while (("2026-12-01", "재방문 유도"), 10) not in first.counts().items():
                self.assertIsNone(first.process.poll())
                time.sleep(0.05)
            with Running(self.folder, "rebalances", "b") as second:
                number = 110
                while not second.counts() and number < 1000:  # so the first has counted some when its partitions go
                    announce(number, "재방문 유도", "2026-12-01")
                    number += 1
                whole = first.counts()
                whole[("2026-12-01", "재방문 유도")] = number - 100
                self.await_counts(first, second, expected=whole)
                first.stop()  # the second goes on with all of it
                for number in range(number, number + 5):
                    announce(number, "재방문 유도", "2026-12-01")
                whole[("2026-12-01", "재방문 유도")] = number + 1 - 100
                self.await_counts(first, second, expected=whole)
                time.sleep(1.2)  # a second count would show
                self.await_counts(first, second, expected=whole)

    def pause_broker(self):
        broker = int((pathlib.Path(os.environ["EVENT_DRAFT_SERVERS"]) / "kafka.pid").read_text())
        os.kill(broker, signal.SIGSTOP)
        self.addCleanup(os.kill, broker, signal.SIGCONT)
        time.sleep(0.1)  # each of its threads stops when it gets to it
        return broker

    def test_stops_while_the_broker_hangs(self):
        key = ("2027-02-01", "매출 증대")
        with Running(self.folder, "hangs") as consumer:
            self.await_key(consumer, key, 3, announced=range(9100, 9103))
            broker = self.pause_broker()
            began = time.monotonic()
            consumer.stop()
            self.assertEqual(consumer.process.returncode, 0)
            self.assertLess(time.monotonic() - began, 10)
        os.kill(broker, signal.SIGCONT)
        with Running(self.folder, "hangs") as consumer:
            self.await_key(consumer, key, 5, announced=range(9103, 9105))
            time.sleep(1.2)  # a second count would show
            self.assertEqual(consumer.counts()[key], 5)
            self.assertIn("매출", consumer.stop())

    def test_stops_and_keeps_what_it_could_not_commit(self):
        key = ("2027-02-02", "매출 증대")
        with Running(self.folder, "uncommitted") as consumer:
            self.await_key(consumer, key, 1, announced=[9200])
            time.sleep(1.2)  # so what follows is not saved at once
            for number in range(9201, 9210):
                announce(number, key[1], key[0])
            broker = self.pause_broker()
            began = time.monotonic()
            consumer.stop()
            self.assertLess(time.monotonic() - began, 10)
            self.assertEqual(consumer.process.returncode, 0)
        os.kill(broker, signal.SIGCONT)
        with Running(self.folder, "uncommitted") as consumer:
            self.await_key(consumer, key, 10)
            time.sleep(1.2)  # a second count would show
            self.assertEqual(consumer.counts()[key], 10)

    def test_stops_at_once_at_a_second_signal(self):
        key = ("2027-02-03", "매출 증대")
        with Running(self.folder, "twice") as consumer:
            self.await_key(consumer, key, 1, announced=[9300])
            self.pause_broker()
            consumer.process.send_signal(signal.SIGTERM)
            self.await_signal_taken(consumer.process.pid)
            time.sleep(0.5)
            self.assertIsNone(consumer.process.poll())
            began = time.monotonic()
            consumer.stop()
            self.assertEqual(consumer.process.returncode, 128 + signal.SIGTERM)
            self.assertLess(time.monotonic() - began, 1)

    def test_refreshes_its_table_on_a_terminal(self):
        announce(9000, "매출 증대", "2027-01-01")
        ours, theirs = pty.openpty()
        with subprocess.Popen([CONSUMER, "--group", "terminal"], stdout=theirs, stderr=subprocess.DEVNULL) as process:
            os.close(theirs)
            shown, until = b"", time.monotonic() + 20
            while b"2027-01-01" not in shown and time.monotonic() < until:
                if select.select([ours], [], [], 0.1)[0]:
                    shown += os.read(ours, 4096)
            process.terminate()
            self.assertEqual(process.wait(20), 0)
        os.close(ours)
        self.assertIn(b"2027-01-01", shown)
        self.assertIn(b"\x1b[H\x1b[2J", shown)

    def test_says_what_it_can_not_use(self):
        for arguments, status in ((["--property", "x"], 2), (["--no-such-flag"], 2), (["--property", "no.such=x"], 1)):
            done = subprocess.run([CONSUMER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
                                  check=False)
            self.assertEqual(done.returncode, status, done.stdout)


if __name__ == "__main__":
    if (pathlib.Path(os.environ["EVENT_DRAFT_SERVERS"]) / "kafka" / "kind").read_text().strip() == "mock":
        print("SKIPPED: a consumer group needs a real broker")
        sys.exit(77)
    unittest.main()
