"""Checks that the code in README.md and docs/ is code that a test compiles; with --fix, rewrites it.

A fence quotes a file, or a region of it, that the comment above it names:

    <!-- source: examples/quickstart/main.cpp#flow -->
    ```cpp
    ...
    ```

In the file the region stands between the lines "// [flow]" and "// [/flow]" ("#" instead of "//" in scripts and CMake).
Every cpp fence must have such a comment; any other fence may.
"""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FENCE = re.compile(
    r"(?:^<!-- source: (?P<path>[^#\s]+)(?:#(?P<region>\S+))? -->\n+)?"
    r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
MARKER = re.compile(r"^[ \t]*(?://|\#) \[/?[\w-]+\][ \t]*\n?", re.MULTILINE)


class Drift(Exception):
    pass


def quoted(root, path, region):
    """The text that a fence should hold, without the region's markers and the indentation."""
    try:
        text = (root / path).read_text(encoding="utf-8")
    except OSError as error:
        raise Drift(f"{path}: {error.strerror}") from error
    if region:
        marker = r"^[ \t]*(?://|\#) \[{}" + re.escape(region) + r"\][ \t]*\n"
        found = re.search(marker.format("") + "(.*?)" + marker.format("/"), text + "\n", re.MULTILINE | re.DOTALL)
        if not found:
            raise Drift(f"{path} has no region [{region}]")
        text = found[1]
    return textwrap.dedent(MARKER.sub("", text)).strip("\n") + "\n"


def check(root, document, fix=False):
    """Yields the document's faults. With fix, those that can be mended are mended and not named."""
    text = document.read_text(encoding="utf-8")
    mended = []
    at = 0
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("code"))
        path, region, code = fence["path"], fence["region"], fence["code"]
        if not path:
            if fence["language"] == "cpp":
                yield f"{document.relative_to(root)}:{line}: a cpp fence without <!-- source: path#region --> above it"
            continue
        try:
            wanted = quoted(root, path, region)
        except Drift as drift:
            yield f"{document.relative_to(root)}:{line}: {drift}"
            continue
        if code != wanted and not fix:
            yield f"{document.relative_to(root)}:{line}: differs from {path}{'#' + region if region else ''}; see --fix"
        mended += [text[at : fence.start("code")], wanted]
        at = fence.end("code")
    if fix:
        document.write_text("".join(mended) + text[at:], encoding="utf-8")


def documents(root):
    return [path for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))] if path.exists()]


def main():
    faults = [fault for document in documents(ROOT) for fault in check(ROOT, document, fix="--fix" in sys.argv[1:])]
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
