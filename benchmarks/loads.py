"""What the comparisons of servers share: a server for as long as it is measured, and the load generator."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/benchmarks"
LOAD, SERVER = BUILD / "benchmarks/server_load", BUILD / "examples/server/event_draft_server"
CONNECTIONS = [1, 8, 64]
FIGURES = ["per_second", "p50_us", "p95_us", "p99_us"]


def build():
    """The example server and the load generator, optimised, and the packages that they and the comparisons take."""
    install = 'source cmake/packages.sh && install_packages "${benchmark_packages[@]}"'
    configure = ["cmake", "-S", ".", "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DEVENT_DRAFT_BUILD_TESTS=OFF",
                 "-DEVENT_DRAFT_INSTALL=OFF"]
    for command in (["bash", "-c", install], configure, ["cmake", "--build", BUILD, "--target", LOAD.name, SERVER.name, "malloc_count"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def with_servers(script):
    """Runs the script again with Redis, PostgreSQL and a real Kafka broker, and with all built, unless it has them."""
    if "EVENT_DRAFT_SERVERS" in os.environ:
        return
    build()
    run = ROOT / "examples/servers/run"
    os.environ.setdefault("EVENT_DRAFT_KAFKA_BROKER", "real")
    os.environ.setdefault("EVENT_DRAFT_KAFKA_JAVA_FLAGS", "")  # a broker as it is in the long run
    os.execv(run, [str(run), "--redis", "--postgres", "--kafka", "--", script, *sys.argv[1:]])


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


def memory(process, name):
    """In MiB: VmRSS, what is resident now, or VmHWM, its peak."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024


def processor_seconds(process):
    """Of all its threads, since it began."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def warm_up_broker(system, backends):
    """A broker that was just started compiles for its first half minute, at the cost of whoever is measured first."""
    if "kafka" in backends:
        with running(system.command, system.environment()) as (_, port):
            Loads(seconds=40, first_user=2 * 10**12).run(port, 64, "miss", rate=2000)  # and what is too much may be refused


class Loads:
    """Every run has user ids of its own, so that a miss is a miss."""

    def __init__(self, program=LOAD, seconds=3, first_user=1):
        self.program, self.seconds, self.next_user = program, seconds, first_user

    def run(self, port, connections, kind, *, requests=None, rate=None):
        """Until the time is over, or so many requests are answered; in an open loop of so many a second, if a rate is given."""
        command = [self.program, port, connections, self.seconds, kind, self.next_user]
        command += [requests] if requests else ["--rate", rate] if rate else []
        self.next_user += 10_000_000
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=self.seconds + 60)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command[2:]))}: {done.stderr}")
        return json.loads(done.stdout)
