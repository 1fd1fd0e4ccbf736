"""What the example server is to reach against the others in one run, as a ratio."""

from dataclasses import dataclass
from typing import Optional

SERVERS, SQLITE, OURS = "redis+postgres+kafka", "sqlite", "event_draft"
CASES = [("miss", 1), ("miss", 8), ("miss", 64), ("hit", 64)]
PEERS = ["node", "go", "java"]
AT_LEAST, AT_MOST = "requests_per_second", "p99_us"

# What, of which figure, on which backends, against whom (the best of them), and how much in each case.
GOALS = [
    ("requests a second against Fastify", AT_LEAST, SERVERS, ["node"], [1.8, 3, 8, 4]),
    ("requests a second against Spring Boot", AT_LEAST, SERVERS, ["java"], [1.2, 2, 4, 3]),
    ("requests a second against Go", AT_LEAST, SERVERS, ["go"], [1.2, 2, 4, 3]),
    ("requests a second against the blocking driver", AT_LEAST, SERVERS, [f"{OURS}_blocking"], [1.0, 1.5, 5, 4]),
    ("p99 against the best peer (lower is better)", AT_MOST, SERVERS, PEERS, [0.9, 0.5, 0.25, 0.5]),
    ("SQLite: requests a second against better-sqlite3", AT_LEAST, SQLITE, ["node_sqlite"], [1.8, 5, 15, 3.5]),
    ("gathering on against off", AT_LEAST, SERVERS, [f"{OURS}_ungathered"], [0.97, None, 2.5, None]),
    ("SQLite: gathering on against off", AT_LEAST, SQLITE, [f"{OURS}_ungathered"], [0.97, None, 2.5, None]),
]


@dataclass
class Goal:
    name: str
    mode: str
    connections: int
    wanted: float
    figure: str
    ratio: Optional[float]  # None: not measured

    def verdict(self):
        if self.ratio is None:
            return "not measured"
        return "met" if (self.ratio >= self.wanted if self.figure == AT_LEAST else self.ratio <= self.wanted) else "short"


def goals(rows):
    measured = {(row["system"], row["backends"], row["mode"], row["connections"]): row for row in rows}
    for name, figure, backends, others, wanted in GOALS:
        for (mode, connections), each in zip(CASES, wanted):
            if each is None:
                continue
            own = measured.get((OURS, backends, mode, connections))
            theirs = [measured[key][figure] for other in others if (key := (other, backends, mode, connections)) in measured]
            best = (max if figure == AT_LEAST else min)(theirs, default=0)
            yield Goal(name, mode, connections, each, figure, own[figure] / best if own and best else None)
