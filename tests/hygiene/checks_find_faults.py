"""The checks beside this file find what they are there to find, and nothing else."""

import tempfile
import unittest
from pathlib import Path

import headers
import readme_drift


class Checks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def faults(self, check):
        return len(list(check(self.root)))

    def test_core_headers_include_no_client(self):
        self.write("include/event_draft/a.hpp", "#include <boost/outcome/try.hpp>\n#include <chrono>\n// boost/asio.hpp\n")
        self.write("include/event_draft/testing/b.hpp", "#include <boost/asio.hpp>\n")
        self.write("include/event_draft/controller.hpp", "#include <boost/json.hpp>\n")
        self.assertEqual(self.faults(headers.core_includes), 0)
        for client in ["boost/asio.hpp", "hiredis/hiredis.h", "libpq-fe.h", "sqlite3.h", "librdkafka/rdkafka.h", "boost/json.hpp"]:
            self.write("include/event_draft/decorators/c.hpp", f"#include <{client}>\n")
            self.assertEqual(self.faults(headers.core_includes), 1, client)

    def test_the_umbrella_holds_includes_only(self):
        self.write("include/event_draft.hpp", "#pragma once\n// all\n#include <event_draft/a.hpp>\n")
        self.assertEqual(self.faults(headers.umbrella), 0)
        self.write("include/event_draft.hpp", "#pragma once\nusing event_draft::Draft;\n")
        self.assertEqual(self.faults(headers.umbrella), 1)

    def test_an_adapter_ends_with_a_static_assert(self):
        adapter = "namespace a {{\nclass FakeCache final {{ int x; }};\n{}}}  // namespace a\n"
        self.write("examples/adapters/memory/codec.hpp", "struct Codec { int x; };\nstruct CacheConfig { int y; };\n")
        for asserted, faults in [
            ("static_assert(DraftCache<FakeCache>);\n", 0),
            ("static_assert(DraftCache<FakeCache>);\nint f();\n", 1),
            ("static_assert(DraftCache<OtherCache>);\n", 1),
            ("", 2),
        ]:
            self.write("examples/adapters/memory/cache.hpp", adapter.format(asserted))
            self.assertEqual(self.faults(headers.adapters), faults, asserted)

    def test_a_header_of_the_tests_has_no_case(self):
        self.write("tests/a.hpp", "// TEST_CASE\n#define LAW(name) TEST_CASE(name)\n")
        self.write("tests/a_test.cpp", 'TEST_CASE("a") {}\n')
        self.assertEqual(self.faults(headers.test_cases), 0)
        for case in ['TEST_CASE("a") {}', '  TEST_CASE_TEMPLATE("a", T, int) {}', "EVENT_DRAFT_CACHE_CONTRACT(Cache);"]:
            self.write("tests/b.hpp", case + "\n")
            self.assertEqual(self.faults(headers.test_cases), 1, case)

    def test_a_fence_that_drifts_is_found_and_mended(self):
        self.write("main.cpp", "int main() {\n  // [flow]\n  run({\n    1});\n  // [/flow]\n}\n")
        readme = self.write("README.md", "<!-- source: main.cpp#flow -->\n```cpp\nrun(2);\n```\n\n```sh\nls\n```\n")
        self.assertEqual(len(list(readme_drift.check(self.root, readme))), 1)
        self.assertEqual(list(readme_drift.check(self.root, readme, fix=True)), [])
        self.assertIn("```cpp\nrun({\n  1});\n```\n\n```sh\nls\n```\n", readme.read_text(encoding="utf-8"))
        self.assertEqual(list(readme_drift.check(self.root, readme)), [])

    def test_a_fence_without_a_source_is_found(self):
        for text in ["```cpp\nint x;\n```\n", "<!-- source: none.cpp -->\n```cpp\nx\n```\n"]:
            readme = self.write("README.md", text)
            self.assertEqual(len(list(readme_drift.check(self.root, readme))), 1, text)

    def test_a_region_that_is_missing_is_found(self):
        self.write("main.cpp", "int main() {}\n")
        readme = self.write("README.md", "<!-- source: main.cpp#flow -->\n```cpp\nx\n```\n")
        self.assertEqual(len(list(readme_drift.check(self.root, readme))), 1)


if __name__ == "__main__":
    unittest.main()
