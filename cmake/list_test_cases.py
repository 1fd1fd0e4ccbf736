"""Lists a doctest executable's cases as ctest commands: list_test_cases.py NAME EXECUTABLE OUTPUT [FILTER]"""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# Variables that discover_tests.cmake's caller sets.
PROPERTIES = '${properties} LABELS "${labels}" ENVIRONMENT "${environment}"'


def bracket(text):
    """A CMake bracket argument that holds any text."""
    equals = "=="
    while f"]{equals}]" in text:
        equals += "="
    return f"[{equals}[{text}]{equals}]"


def pattern(case):
    """doctest's filter for exactly this name: it splits at commas unless they are escaped."""
    return case.replace("\\", "\\\\").replace(",", "\\,")


def list_cases(executable, filters):
    """The cases in order, each name once, with whether it is marked as skipped."""
    listing = subprocess.run(
        [executable, *filters, "--list-test-cases", "--no-skip", "--reporters=xml"],
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout
    cases = ElementTree.fromstring(listing).iter("TestCase")
    return {case.get("name"): case.get("skipped") == "true" for case in cases}


def commands(name, executable, filters, cases):
    for case, skipped in cases.items():
        test = bracket(f"{name}: {case}")
        arguments = " ".join(map(bracket, [executable, *filters, f"--test-case={pattern(case)}", "--no-intro"]))
        yield f"add_test({test} {arguments})"
        yield f"set_tests_properties({test} PROPERTIES {PROPERTIES})"
        if skipped:
            yield f"set_tests_properties({test} PROPERTIES DISABLED TRUE)"


def main():
    name, executable, output, *filters = sys.argv[1:]
    cases = list_cases(executable, filters)
    if not cases:
        sys.exit(f"{executable} has no test case")
    Path(output).write_text("\n".join(commands(name, executable, filters, cases)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
