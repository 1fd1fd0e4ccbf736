"""Sums up a run of ctest: what was skipped and why, what failed and how, and last "N passed, N failed".

    summarize_tests.py RESULTS.xml CTEST_STATUS

A skipped test says why in a line "SKIPPED: reason"; Python's unittest says it as "skipped 'reason'".
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TAIL = 60  # lines of a failed test's output
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0 has no place for them, but a test may print them


def reasons(output):
    found = re.findall(r"^SKIPPED: (.+)|skipped ['\"](.+)['\"]", output, re.MULTILINE)
    return ", ".join(dict.fromkeys(said or skipped for said, skipped in found))


def read(results):
    """Yields (outcome, name, output, ctest's own message) a test."""
    text = Path(results).read_text(encoding="utf-8", errors="replace")
    for test in ElementTree.fromstring(CONTROL.sub("?", text)).iter("testcase"):
        skipped = test.find("skipped")
        message = "" if skipped is None else skipped.get("message", "")
        outcome = {"run": "passed", "fail": "failed", "disabled": "disabled"}.get(test.get("status"), "failed")
        # A test that asked to be skipped; one that could not be run is a failure.
        if message.startswith("SKIP_"):
            outcome = "skipped"
        yield outcome, test.get("name"), test.findtext("system-out") or "", message


def main():
    results, ctest_status = sys.argv[1:]
    tests = list(read(results))
    passed = sum(outcome == "passed" for outcome, *_ in tests)
    failed = [test for test in tests if test[0] == "failed"]
    if ctest_status != "0" and not failed:
        failed.append(("failed", "ctest itself", f"it ended with status {ctest_status}", ""))

    for _, name, output, message in failed:
        print(f"\nFAILED: {name} {message}".rstrip())
        print("\n".join("    " + line for line in output.splitlines()[-TAIL:]))
    for outcome, name, output, message in tests:
        why = reasons(output)
        if outcome == "disabled":
            print(f"skipped: {name}: marked so in its source")
        elif outcome == "skipped":
            print(f"skipped: {name}: {why or message}")
        elif outcome == "passed" and why:
            print(f"skipped in part: {name}: {why}")
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
