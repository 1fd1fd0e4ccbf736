"""How long the machine stood still while something was timed."""

import threading
import time


class Standstills:
    """When this process, and so the machine, did nothing at all for a while: such time is nobody's."""

    STEP = 0.01
    BUSY = 0.05  # what a step takes longer on a machine that works

    def __init__(self):
        self.all = []
        self.due = time.monotonic() + self.STEP
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.stopped.wait(self.STEP):
            with self.lock:
                self.all += self.unnoticed()
                self.due = time.monotonic() + self.STEP

    def unnoticed(self):
        now = time.monotonic()
        return [(self.due, now)] if now - self.due > self.BUSY else []

    def without(self, began, ended):
        """The seconds in between that were not stood still."""
        with self.lock:
            all = self.all + self.unnoticed()
        return ended - began - sum(max(0.0, min(ended, end) - max(began, start)) for start, end in all)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopped.set()
        self.thread.join()
