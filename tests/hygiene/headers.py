"""Checks on the headers: headers.py core_includes|umbrella|adapters|test_cases. Prints each fault as path: what is wrong."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Clients of the outside world: network, databases, message brokers. The controller's JSON parser is not among them.
IO_INCLUDE = re.compile(
    r"""^\s*\#\s*include\s*[<"]
    (boost/(asio|beast|mysql|redis|process)\b | (hiredis|librdkafka|cppkafka|mongocxx|curl|grpc\w*|pqxx|soci)/
    | (hiredis|libpq-fe|sqlite3|rdkafka(cpp)?|mysql|zmq|uv|asio)\.h(pp)?\b
    | (sys/(socket|epoll)|netdb|netinet/\w+|arpa/inet|poll)\.h\b)""",
    re.VERBOSE,
)
JSON_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](boost/json|nlohmann|rapidjson|simdjson)\b')
ADAPTER = re.compile(r"\b(?:class|struct)\s+(\w*(?:Repository|Cache|Publisher|Outbox))\s*(?:final\s*)?(?::[^;{]*)?\{")


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def core_headers(root):
    folder = root / "include/event_draft"
    for header in sorted(folder.rglob("*.hpp")):
        inside = header.relative_to(folder)
        if inside.parts[0] != "testing" and not re.match("(async_)?controller", inside.parts[0]):
            yield header


def core_includes(root):
    for header in core_headers(root):
        for line in header.read_text(encoding="utf-8").splitlines():
            if IO_INCLUDE.match(line) or JSON_INCLUDE.match(line):
                yield header, f"a core header must not include this: {line.strip()}"


def umbrella(root):
    header = root / "include/event_draft.hpp"
    for line in without_comments(header.read_text(encoding="utf-8")).splitlines():
        if line.strip() and not re.match(r"\s*#\s*(include|pragma once)\b", line):
            yield header, f"the umbrella holds includes only: {line.strip()}"


def adapters(root):
    for header in sorted((root / "examples/adapters").rglob("*.hpp")):
        code = without_comments(header.read_text(encoding="utf-8"))
        names = ADAPTER.findall(code)
        last_statement = re.sub(r"[\s}]+$", "", code).rstrip(";").rpartition(";")[2]
        if names and not re.match(r"[\s}]*static_assert\b", last_statement):
            yield header, "an adapter's header ends with a static_assert that it satisfies its port"
        for name in names:
            if not re.search(rf"static_assert\([^;]*\b{name}\b", code):
                yield header, f"no static_assert names {name}"


def test_cases(root):
    """A program's tests are told apart by their sources, and a header's cases would belong to none."""
    for header in sorted((root / "tests").rglob("*.hpp")):
        for line in header.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s*(DOCTEST_)?TEST_CASE|\s*EVENT_DRAFT_\w+_CONTRACT\(", line):
                yield header, f"a test case in a header is never run: {line.strip()}"


def main():
    checks = {"core_includes": core_includes, "umbrella": umbrella, "adapters": adapters, "test_cases": test_cases}
    check = checks[sys.argv[1]]
    faults = list(check(ROOT))
    for path, fault in faults:
        print(f"{path.relative_to(ROOT)}: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
