"""The systems that are held against each other, and how each is started."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVERS = ["redis", "postgres", "kafka"]
ON_SERVERS, ON_DISK = "+".join(SERVERS), "sqlite"
BACKENDS = [ON_SERVERS, ON_DISK]

# The example server, in the ways in which it is measured. Its clients' statements are prepared, as the peers' are; the topic has few
# partitions, so one produce request at a time is best (docs/kafka.md). Without gathering it needs as many connections as a pool has.
OURS = "event_draft"
QUIET = ["--port", "0", "--log-level", "warning"]
FLAGS = {ON_SERVERS: [*QUIET, "--postgres-prepared", "true", "--kafka-property", "max.in.flight=1"], ON_DISK: QUIET}
WAYS = {
    OURS: [],
    f"{OURS}_blocking": ["--driver", "blocking", "--workers", "16", "--postgres-connections", "16"],
    f"{OURS}_ungathered": ["--gather", "false", "--postgres-thread-connections", "16"],
}


class Missing(Exception):
    """What it takes to run a system is not here."""


def variable(server):
    return f"EVENT_DRAFT_{server.upper()}"


class System:
    """A server, and what it takes to build it: `build` in `folder`, by the programs in `needs`. `warm_ups`: how often it is warmed up."""

    def __init__(self, name, command, *, needs=(), folder=None, build=None, warm_ups=1):
        self.warm_ups = warm_ups
        self.name, self.command, self.needs, self.folder, self.build = name, [str(part) for part in command], needs, folder, build

    def prepare(self):
        """Builds it from what its lock file names, or raises Missing."""
        for program in self.needs:
            if not shutil.which(program):
                raise Missing(f"there is no {program} here")
        if self.build and not self.is_installed():
            done = subprocess.run(self.build, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode:
                raise Missing(f"{' '.join(self.build)} fails: {done.stdout[-1000:]}")

    def is_installed(self):
        """npm would begin anew each time; the others build what has changed."""
        lock, installed = self.folder / "package-lock.json", self.folder / "node_modules/.package-lock.json"
        return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


class OnServers(System):
    """The keys and tables of all have the same names, so each has a Redis database of its own, and a schema or a database of
    PostgreSQL of its own."""

    backends = ON_SERVERS

    def __init__(self, name, command, redis_database, *, database="event_draft", schema="public", **build):
        super().__init__(name, command, **build)
        self.database, self.schema = database, schema
        self.redis = f"{os.environ[variable('redis')].rsplit('/', 1)[0]}/{redis_database}"
        self.postgres = os.environ[variable("postgres")].replace("/event_draft", f"/{database}")

    def environment(self):
        return {**os.environ, "NODE_ENV": "production", variable("redis"): self.redis, variable("postgres"): self.postgres}

    def prepare(self):
        super().prepare()
        server = os.environ[variable("postgres")]
        if not psql(server, f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'"):
            psql(server, f"CREATE DATABASE {self.database}")


class OnDisk(System):
    """Without another server: all that it keeps is in its folder of data."""

    backends = ON_DISK

    def __init__(self, name, command, database, **build):
        super().__init__(name, command, **build)
        self.database = database

    def environment(self):
        others = {name: value for name, value in os.environ.items() if name not in map(variable, SERVERS)}
        return {**others, "NODE_ENV": "production", "PEER_DATA": str(self.database.parent)}

    def prepare(self):
        super().prepare()
        if self.folder and not list(self.folder.glob("node_modules/better-sqlite3/build/Release/better_sqlite3.node")):
            raise Missing("better-sqlite3 could be neither fetched nor built; npm rebuild --foreground-scripts better-sqlite3 says why")


def psql(url, query, timeout=60):
    command = ["psql", "--no-psqlrc", "-qAt", url, "-c", query]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True).stdout.strip()


def ours(server, data, backends, way=OURS, number=0):
    folder = Path(data) / backends / way
    folder.mkdir(parents=True)
    command = [server, "--data", folder, *FLAGS[backends], *WAYS[way]]
    if backends == ON_DISK:
        return OnDisk(way, command, folder / "event_draft.db")
    return OnServers(way, command, 4 + number, database=way)


def peers(data, backends):
    node = {"needs": ["node", "npm"], "folder": HERE / "node", "build": ["npm", "ci", "--silent"]}
    go = {"needs": ["go"], "folder": HERE / "go", "build": ["go", "build", "-trimpath", "-o", "peer", "."]}
    java = {"needs": ["java", "mvn"], "folder": HERE / "java", "build": ["mvn", "--batch-mode", "--quiet", "package"], "warm_ups": 5}  # a minute, until it is compiled
    run_node = ["node", HERE / "node/src/main.js"]
    if backends == ON_DISK:
        return [OnDisk("node_sqlite", run_node, Path(data) / backends / "node_sqlite/drafts.db", **node)]
    return [
        OnServers("node", run_node, 1, schema="peer_node", **node),
        OnServers("go", [HERE / "go/peer"], 2, schema="peer_go", **go),
        OnServers("java", ["java", "-jar", HERE / "java/target/peer.jar"], 3, schema="peer_java", **java),
    ]


def all_systems(server, data, backends):
    ways = [way for way in WAYS if backends == ON_SERVERS or not way.endswith("_blocking")]
    return [*(ours(server, data, backends, way, number) for number, way in enumerate(ways)), *peers(data, backends)]
