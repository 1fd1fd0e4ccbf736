"""Checks that a source fails to compile for the expected reason: compile_fail.py SOURCE [--expect=REGEX]... -- COMPILER FLAG...

Further expectations are read from the source's lines "// expect: REGEX" (any compiler), "// expect-gcc: REGEX" and
"// expect-clang: REGEX". Compiled with EVENT_DRAFT_FIXED defined, the same source must be fine.
"""

import re
import subprocess
import sys
from pathlib import Path


def expectations(source, compiler):
    kind = "clang" if "clang" in Path(compiler).name else "gcc"
    text = Path(source).read_text(encoding="utf-8")
    return re.findall(rf"^\s*// expect(?:-{kind})?: (.+?)\s*$", text, re.MULTILINE)


def compile_source(source, command, *flags):
    done = subprocess.run([*command, *flags, source], capture_output=True, text=True, errors="replace")
    return done.returncode == 0, done.stderr + done.stdout


def problems(source, expected, command):
    """Yields what is wrong, and nothing if the source fails as it should."""
    if not expected:
        yield "it expects no message: add a line // expect: REGEX"
    compiled, output = compile_source(source, command)
    if compiled:
        yield "it compiles, but it must not"
    missing = [] if compiled else [regex for regex in expected if not re.search(regex, output)]
    for regex in missing:
        yield f"the compiler does not say: {regex}"
    if missing:
        yield f"the compiler says:\n{output}"
    fixed, output = compile_source(source, command, "-DEVENT_DRAFT_FIXED")
    if not fixed:
        yield f"with EVENT_DRAFT_FIXED it must compile, but:\n{output}"


def main():
    split = sys.argv.index("--")
    (source, *options), command = sys.argv[1:split], sys.argv[split + 1 :]
    expected = [option.removeprefix("--expect=") for option in options] + expectations(source, command[0])
    found = list(problems(source, expected, command))
    for problem in found:
        print(f"{source}: {problem}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
