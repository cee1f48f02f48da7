#!/usr/bin/env python3
"""Shows every rule of check.py a tree that breaks it and one that does not."""
import pathlib
import tempfile
import unittest

import check


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def findings(self, rule):
        return list(check.RULES[rule](self.root))

    def assert_one(self, rule, *words):
        found = self.findings(rule)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])


class Arrows(Tree):
    def setUp(self):
        super().setUp()
        for header in ("runtime/error.h", "linalg/products.h", "commands/train.h", "data/idx.h",
                       "config/options.h", "methods/method.h", "methods/taylor/sweep.h",
                       "methods/gradient/sgd.h"):
            self.write("src/" + header, "#pragma once\n")

    def test_down_and_leaves_are_allowed(self):
        self.write("src/linalg/a.cpp", '#include <mpi.h>\n#include "config/options.h"\n')
        self.write("src/linalg/b.cpp", '#include "runtime/error.h"\n')
        self.write("src/methods/method.cpp", '#include "methods/gradient/sgd.h"\n')
        self.write("src/methods/taylor/sweep.cpp", '#include "methods/method.h"\n')
        self.assertEqual(self.findings("arrows"), [])

    def test_up_and_sideways_are_found(self):
        for includer, included in (("linalg/a.cpp", "commands/train.h"),
                                   ("data/a.cpp", "network/network.h"),
                                   ("runtime/a.cpp", "linalg/products.h"),
                                   ("main.cpp", "linalg/products.h"),
                                   ("methods/taylor/a.cpp", "methods/gradient/sgd.h")):
            path = self.write("src/" + includer, f'\n  #  include "{included}"\n')
            self.assert_one("arrows", f"src/{includer}:2", included)
            path.unlink()

    def test_unknown_rooms_and_files_are_found(self):
        self.write("src/linalg/a.cpp", '#include "products.h"\n')
        self.assert_one("arrows", "src/linalg/a.cpp:1", "products.h")
        self.write("src/linalg/a.cpp", "")
        self.write("src/misc/a.cpp", "")
        self.assert_one("arrows", "misc")

    def test_generated_headers_are_those_of_the_room_s_recipe(self):
        self.write("src/runtime/a.cpp", '#include "build_config.h"\n')
        self.write("src/runtime/CMakeLists.txt", "configure_file(a.in build_config.h)\n")
        self.assertEqual(self.findings("arrows"), [])
        self.write("src/linalg/a.cpp", '#include "build_config.h"\n')
        self.assert_one("arrows", "src/linalg/a.cpp:1")

    def test_leaves_include_leaves_only(self):
        self.write("src/config/options.h", '#include "runtime/error.h"\n')
        self.assert_one("arrows", "a leaf")

    def test_the_page_of_the_rooms_has_these_arrows(self):
        page = "".join(f"| `{room}` | it | {', '.join(f'`{name}`' for name in below)} |\n"
                       for room, below in check.BELOW.items())
        self.write("src/README.md", page)
        self.assertEqual(self.findings("arrows"), [])
        self.write("src/README.md", page.replace("| it | `runtime` |", "| it | `data` |", 1))
        self.assert_one("arrows", "src/README.md:", "arrows of proximal are others")
        self.write("src/README.md", page.replace("`proximal` | it", "proximal | it"))
        self.assert_one("arrows", "proximal is missing")

    def test_links_follow_the_arrows(self):
        lists = "admmnet_room(data SOURCES a.cpp LINK admmnet_linalg admmnet_runtime {})\n"
        self.write("src/data/CMakeLists.txt", lists.format(""))
        self.assertEqual(self.findings("arrows"), [])
        self.write("src/data/CMakeLists.txt", lists.format("admmnet_methods"))
        self.assert_one("arrows", "links methods")


class Names(Tree):
    def test_each_library_stays_in_its_room(self):
        for name, code in (("network/a.cpp", "pdgemm_(n);"),
                           ("methods/a.cpp", "Cblacs_gridinfo(c);"),
                           ("methods/a.cpp", "MatMult(a, x, y);"),
                           ("network/a.cpp", "#include <petscksp.h>"),
                           ("linalg/a.cpp", "H5Fcreate(f);"),
                           ("proximal/a.cpp", "MPI_Barrier(c);")):
            path = self.write("src/" + name, f"// pdgemm_ H5Fopen MPI_Send\n{code}\n")
            self.assert_one("names", f"src/{name}:2")
            path.unlink()

    def test_a_method_is_named_in_its_folder_only(self):
        self.write("src/methods/newton/CMakeLists.txt", "")
        self.write("src/methods/newton/a.cpp", "int newton;\n")
        self.write("src/config/options.h", "int newton;\n")
        self.assertEqual(self.findings("names"), [])
        self.write("src/commands/a.cpp", "int other;\nint newton;\n")
        self.assert_one("names", "src/commands/a.cpp:2")

    def test_only_layouts_ask_for_the_shape_of_the_grid(self):
        for place in ("linalg/data_parallel/a.cpp", "linalg/layout.cpp"):
            self.write("src/" + place, "if (A.grid().rows() == 1) f();\n")
        self.write("src/network/a.cpp", "// grid.rows == 1\nif (table.rows() == 1) f();\n")
        self.assertEqual(self.findings("names"), [])
        for code in ("A.grid().rows() == 1", "grid.cols > 1", "grid_.rows() != 1"):
            self.write("src/network/a.cpp", f"\nif ({code}) f();\n")
            self.assert_one("names", "src/network/a.cpp:2")

    def test_owners_and_comments_are_free(self):
        self.write("src/linalg/a.cpp", "pdgemm_(n); MatMult(a);\n")
        self.write("src/checkpoint/a.cpp", "H5Fcreate(f);\n")
        self.write("src/proximal/a.cpp", "/* MPI_Send\n pdsyrk_ */ int Matrix(int); // H5Fopen\n")
        self.assertEqual(self.findings("names"), [])


class Text(Tree):
    def test_long_files_are_found(self):
        self.write("src/linalg/a.cpp", "\n" * 400)
        self.write("build/a.cpp", "\n" * 401)
        self.assertEqual(self.findings("length"), [])
        self.write("tests/linalg/a.cpp", "\n" * 401)
        self.assert_one("length", "tests/linalg/a.cpp")

    def test_a_long_readme_is_found(self):
        self.write("README.md", "a word " * 700)
        self.assertEqual(self.findings("length"), [])
        self.write("README.md", "a word " * 700 + "more")
        self.assert_one("length", "README.md:1: 1401 words")

    def test_paths_of_a_machine_are_found(self):
        self.write("jobs/a.sh", "cd $HOME/work/x; ls /usr/share/x ../home/me\n")
        self.assertEqual(self.findings("text"), [])
        self.write("jobs/a.sh", "ls '/" + "home/me/data'\n")
        self.assert_one("text", "jobs/a.sh:1")

    def test_long_lines_are_found(self):
        self.write("src/linalg/a.h", "/// " + "§" * 96 + "\n")
        self.assertEqual(self.findings("text"), [])
        self.write("src/linalg/a.h", "/// " + "§" * 97 + "\n")
        self.assert_one("text", "src/linalg/a.h:1")

    def test_left_overs_are_found(self):
        self.write("src/linalg/a.cpp", "// TO" + "DO: later\n")
        self.assert_one("text", "src/linalg/a.cpp:1")


class Citations(Tree):
    def setUp(self):
        super().setUp()
        self.write("README.md", "# The program\n## Its limits\n[key](input/README.md#all-keys)\n")
        self.write("input/README.md", "# Input\n## All keys\nsee [above](../README.md) 7.md\n")
        self.write("src/methods/a/README.md", "## 2. Targets\n### 2.1 Their sum\n")
        self.write("input/7.md", "")

    def test_pages_of_the_tree_may_be_cited(self):
        self.write("src/methods/a/a.h", "/// README.md §2, methods/a/README.md\n/// §2.1).\n")
        self.write("tests/a.py", "# src/methods/a/README.md §2.1.\n")
        self.assertEqual(self.findings("citations"), [])

    def test_others_may_not(self):
        for name, content, word in (
                ("src/methods/a/a.h", "\n/// see notes.md\n", "notes.md"),
                ("src/methods/a/a.h", "\n/// README.md\n/// §2.2\n", "section 2.2"),
                ("tests/a.py", "\n# README.md §1\n", "section 1"),
                ("tests/a.py", "\n# the accuracy " + "study\n", "no page"),
                ("tests/a.py", "\n# issue " + "'Tests'\n", "no page"),
                ("src/README.md", "\n[a](../b.txt)\n", "b.txt"),
                ("src/README.md", "\n[a](../input/README.md#keys)\n", "#keys")):
            path = self.write(name, content)
            self.assert_one("citations", f"{name}:2", word)
            path.unlink()


class Tools(Tree):
    def skip_without(self, program):
        try:
            check.needed(program)
        except check.CannotCheck as reason:
            self.skipTest(str(reason))

    def test_shell_mistakes_are_found(self):
        self.skip_without("shellcheck")
        script = self.write("jobs/run", "#!/usr/bin/env bash\nprintf '%s' $1\n")
        script.chmod(0o755)
        self.assert_one("shell", "SC2086")
        script.write_text("#!/usr/bin/env bash\nprintf '%s' \"$1\"\n")
        self.assertEqual(self.findings("shell"), [])
        script.chmod(0o644)
        self.assert_one("shell", "not executable")

    def test_bad_format_is_found(self):
        self.skip_without("clang-format")
        style = pathlib.Path(__file__).parents[2] / ".clang-format"
        self.write(".clang-format", style.read_text())
        self.write("src/linalg/a.cpp", "int a;\n")
        try:
            self.assertEqual(self.findings("format"), [])
        except check.CannotCheck as reason:
            self.skipTest(str(reason))
        self.write("src/linalg/a.cpp", "int   a ;\n")
        self.assertTrue(self.findings("format"))

    def test_another_version_of_the_formatter_is_not_a_pass(self):
        self.skip_without("clang-format")
        self.write(".clang-format", "# clang-format 1\n")
        with self.assertRaises(check.CannotCheck):
            self.findings("format")


if __name__ == "__main__":
    unittest.main()
