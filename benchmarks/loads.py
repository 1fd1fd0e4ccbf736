"""What the comparisons of servers share: a server for as long as it is measured, and the load generator."""

import json
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

CONNECTIONS = [1, 8, 64]
FIGURES = ["per_second", "p50_us", "p95_us", "p99_us"]


@contextmanager
def running(command, environment=None, log=subprocess.DEVNULL):
    """The server's process and port; it is stopped at the end."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
    try:
        for line in process.stdout:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                Thread(target=process.stdout.read, daemon=True).start()  # so that what it prints later can't block it
                yield process, int(found[1])
                return
        raise RuntimeError(f"{command[0]} ended before it listened")
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def peak_memory(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


class Loads:
    """Every run has user ids of its own, so that a miss is a miss."""

    def __init__(self, program, seconds):
        self.program, self.seconds, self.next_user = program, seconds, 1

    def run(self, port, connections, kind):
        command = [self.program, port, connections, self.seconds, kind, self.next_user]
        self.next_user += 10_000_000
        done = subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=self.seconds + 60)
        return json.loads(done.stdout)
