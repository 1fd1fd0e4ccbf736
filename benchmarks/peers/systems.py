"""The systems that are held against each other, and how each is started."""

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BACKENDS = ["redis", "postgres", "kafka"]
OURS = "event_draft"


class System:
    """A server. `schema` is where its tables are; each has a Redis database of its own, for the keys are the same."""

    def __init__(self, name, command, schema, redis_database, build=None):
        self.name, self.command, self.schema = name, command, schema
        self.redis = f"{os.environ['EVENT_DRAFT_REDIS'].rsplit('/', 1)[0]}/{redis_database}"
        self.build = build

    def environment(self):
        return {**os.environ, "EVENT_DRAFT_REDIS": self.redis, "NODE_ENV": "production"}

    def prepare(self):
        """Builds it, from what its lock file names."""
        if self.build:
            subprocess.run(self.build, cwd=HERE / self.name, check=True, stdout=subprocess.DEVNULL)


def peers():
    return [
        System("node", ["node", HERE / "node/src/main.js"], "peer_node", 1, ["npm", "ci", "--silent"]),
        System("go", [HERE / "go/peer"], "peer_go", 2, ["go", "build", "-trimpath", "-o", "peer", "."]),
    ]


def ours(server, data):
    """With its clients' statements prepared, as the peers' are, and workers enough to wait on the backends."""
    flags = ["--port", "0", "--data", data, "--log-level", "warning", "--postgres-prepared", "true", "--workers", "16",
             "--postgres-connections", "16"]
    return System(OURS, [server, *flags], "public", 0)
