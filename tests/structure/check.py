#!/usr/bin/env python3
"""Checks what a compiler does not see: the arrows between the rooms, names kept in one room, file
length, paths of a machine, pages that are cited, shell scripts and formatting.

    check.py RULE [ROOT]     RULE: arrows, names, length, text, citations, shell, format

Prints one line a finding, "file:line: what and the remedy". Exit code 0: none; 1: some; 77: the
rule could not be checked, and why. Each rule is a function from the tree's root to its findings;
check_test.py shows each of them a tree that breaks it.
"""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77

# ---- the arrows (README, "Layout of the code"): a room may include itself and the rooms named ----
BELOW = {
    "mpi_counter": [],
    "runtime": [],
    "proximal": ["runtime"],
    "hdf5": ["runtime"],
    "config": ["proximal", "linalg", "runtime"],
    "linalg": ["runtime"],
    "network": ["data", "proximal", "linalg", "runtime"],
    "data": ["linalg", "hdf5", "runtime"],
    "checkpoint": ["proximal", "linalg", "hdf5", "runtime"],
    "methods": ["network", "data", "proximal", "linalg", "config", "runtime"],
    "commands": ["methods", "network", "proximal", "linalg", "data", "checkpoint", "config",
                 "runtime"],
    "main.cpp": ["commands", "methods", "config", "runtime"],
}
# Plain types and their names, open to every room; they include nothing but each other.
LEAVES = {"config/options.h", "config/names.h", "data/file_format.h", "linalg/precision.h",
          "mpi_counter/mpi_counter.h", "proximal/activation.h", "proximal/loss.h",
          "proximal/real_loss.h", "runtime/table.h", "runtime/types.h"}

# ---- names kept in one place: (pattern, rooms that may use it, what it is) ----
RESERVED = [
    (r"\bp[sd]?(gemm|syrk|syr2k|symm|trmm|trsm|tran|geadd|gemv|potr[fsi]|poequ|pocon|gels|geqrf"
     r"|ormqr|gesvd?|syevd?|getr[fs]|gemr2d|lan(ge|sy)|lacpy|laset)_\b"
     r"|\bCblacs_\w+|\b(numroc|descinit|indxg2[lp])_\b",
     {"linalg"}, "ScaLAPACK, PBLAS and BLACS"),
    (r"\b(Mat|KSP|PC|EPS|SVD)[A-Z]\w*\s*\(|<(petsc(mat|ksp|pc)|slepc(eps|svd|bv))",
     {"linalg"}, "PETSc's and SLEPc's solvers"),
    (r"\bH5[A-Z]+[a-z]\w*|<hdf5", {"checkpoint", "data", "hdf5"}, "HDF5"),
    (r"\bMPI_\w+|<mpi\.h>|\bPetsc[A-Z]\w*|<(petsc|slepc)",
     set(BELOW) - {"proximal"}, "MPI and PETSc"),
]

# "One process row or not?" is a layout's question: (pattern, files that may ask, the remedy).
GRID_SHAPE = (r"\bgrid\w*(\(\))?\.(rows|cols)(\(\))?\s*(==|!=|<=?|>=?)\s*[012]\b",
              ("linalg/data_parallel/", "linalg/block_cyclic/", "linalg/layout.cpp",
               "linalg/process_grid.cpp"), "call a verb of the layout, or add one")

LONGEST_FILE = 400
LONGEST_README = 1400  # words: what is more belongs on a page of its own, in the folder it is about
COLUMNS = 100  # .clang-format breaks code, and leaves comments as they are
CODE = {".h", ".cpp", ".py", ".sh", ".sbatch", ".cmake"}
NOT_OURS = {".git", "build", "runs", "__pycache__"}


class CannotCheck(Exception):
    pass


def files(root, *folders):
    """The text files of the tree below the folders (default: everywhere), build trees left out."""
    starts = [root / folder for folder in folders] or [root]
    waiting = sorted((start for start in starts if start.exists()), reverse=True)
    while waiting:
        path = waiting.pop()
        if path.is_dir():
            if path.name not in NOT_OURS and not (path / "CMakeCache.txt").exists():
                waiting.extend(sorted(path.iterdir(), reverse=True))
        elif path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path


def sources(root, *folders):
    return (path for path in files(root, *folders) if path.suffix in {".h", ".cpp"})


def numbered_lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def without_comments(path):
    """The numbered lines of a C++ file, comments blanked."""
    text = path.read_text(encoding="utf-8")
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.DOTALL)
    return enumerate(text.splitlines(), start=1)


def place(root, path, line):
    return f"{path.relative_to(root)}:{line}"


def room_of(root, path):
    return path.relative_to(root / "src").parts[0]


def method_of(parts):
    """The method's folder below methods/, or None."""
    return parts[1] if parts[0] == "methods" and len(parts) > 2 else None


def arrows(root):
    for path in sources(root, "src"):
        own = path.relative_to(root / "src").parts
        if own[0] not in BELOW:
            yield f"{place(root, path, 1)}: '{own[0]}' is no room of src/"
            continue
        for line, text in numbered_lines(path):
            include = re.match(r'\s*#\s*include\s*"([^"]+)"', text)
            if include:
                for what in wrong_include(root, own, include.group(1)):
                    yield f"{place(root, path, line)}: {what}"
    for path in files(root, "src"):
        room = room_of(root, path)
        if path.name == "CMakeLists.txt" and room in BELOW:
            for line, text in numbered_lines(path):
                for linked in re.findall(r"\badmmnet_(\w+)", text):
                    if linked in BELOW and linked != room and linked not in BELOW[room]:
                        where = place(root, path, line)
                        yield f"{where}: {room} links {linked}, against the arrows"
    yield from wrong_arrows_of_page(root, root / "src" / "README.md")


def wrong_arrows_of_page(root, page):
    """Differences between BELOW and the table of the rooms: | `room` | what it is | `a`, `b` |"""
    if not page.is_file():
        return
    described = set()
    for line, text in numbered_lines(page):
        row = re.fullmatch(r"\| `([\w.]+)` \|[^|]*\|([^|]*)\|", text)
        if row and row.group(1) in BELOW:
            described.add(row.group(1))
            if sorted(re.findall(r"`(\w+)`", row.group(2))) != sorted(BELOW[row.group(1)]):
                yield f"{place(root, page, line)}: the arrows of {row.group(1)} are others"
    for room in sorted(set(BELOW) - described):
        yield f"{place(root, page, 1)}: the room {room} is missing in the table"


def wrong_include(root, own, included):
    target = tuple(included.split("/"))
    if is_generated(root, own[0], included) or included in LEAVES:
        return
    if not (root / "src" / included).is_file():
        yield f'"{included}" is no file of src/; name it from there: "room/file.h"'
    elif "/".join(own) in LEAVES:
        yield f'a leaf that every room may include must not include "{included}"'
    elif target[0] != own[0] and target[0] not in BELOW[own[0]]:
        yield f'{own[0]} includes "{included}", against the arrows'
    elif method_of(own) and method_of(target) not in (None, method_of(own)):
        yield f'method {method_of(own)} includes method {method_of(target)} ("{included}")'


def is_generated(root, room, header):
    """A header without a folder that the room's CMakeLists.txt makes in the build tree."""
    recipe = root / "src" / room / "CMakeLists.txt"
    return "/" not in header and recipe.is_file() and header in recipe.read_text(encoding="utf-8")


def names(root):
    """Reserved names; methods: only their own folders name them, and the default of the options; and
    the shape of the grid: only layouts ask for it."""
    methods = [path.parent.name for path in (root / "src/methods").glob("*/CMakeLists.txt")]
    for path in sources(root, "src"):
        for method in methods if path.name != "options.h" or room_of(root, path) != "config" else ():
            if method_of(path.relative_to(root / "src").parts) == method:
                continue
            for line, text in numbered_lines(path):
                if re.search(rf"\b{method}\b", text):
                    yield f"{place(root, path, line)}: names the method {method} outside of its folder"
        pattern, places, remedy = GRID_SHAPE
        if not path.relative_to(root / "src").as_posix().startswith(places):
            for line, text in without_comments(path):
                if re.search(pattern, text):
                    yield f"{place(root, path, line)}: asks for the shape of the grid: {remedy}"
        room = room_of(root, path)
        patterns = [(pattern, what) for pattern, rooms, what in RESERVED if room not in rooms]
        for line, text in without_comments(path):
            for pattern, what in patterns:
                found = re.search(pattern, text)
                if found:
                    name = found.group().strip()
                    yield f"{place(root, path, line)}: '{name}': {what} must not be used in {room}"


def length(root):
    for path in files(root):
        if path.suffix in CODE or path.name == "CMakeLists.txt":
            lines = sum(1 for _ in numbered_lines(path))
            if lines > LONGEST_FILE:
                yield f"{place(root, path, lines)}: longer than {LONGEST_FILE} lines: one job each?"
    for path in files(root, "README.md"):
        words = len(path.read_text(encoding="utf-8").split())
        if words > LONGEST_README:
            yield f"{place(root, path, 1)}: {words} words, more than {LONGEST_README}"


def text(root):
    # The brackets keep this file from finding itself.
    folders = "[h]ome|[r]oot|[U]sers|[w]ork|[s]cratch|[l]ustre|[g]pfs"
    machine_path = re.compile(rf"(?<![\w.$}})/])/({folders})/\w")
    left_over = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|H[A]CK)\b|^(<{7}|>{7}) ")
    for path in files(root):
        if path.name == "LICENSE":
            continue
        for line, content in numbered_lines(path):
            if machine_path.search(content):
                yield f"{place(root, path, line)}: a path of one machine: {content.strip()}"
            if left_over.search(content):
                yield f"{place(root, path, line)}: left for later: {content.strip()}"
            if path.suffix in CODE and content != content.rstrip():
                yield f"{place(root, path, line)}: blanks at the end of the line"
            if path.suffix in {".h", ".cpp"} and len(content) > COLUMNS:
                yield f"{place(root, path, line)}: longer than {COLUMNS} columns"


def headings(page):
    """The headings of a Markdown page, and their anchors."""
    found = re.findall(r"^#+ +(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return found, {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
                   for title in found}


def citations(root):
    """What is cited stands in the tree: pages (README.md, §1.2) in all texts, and links of pages."""
    # The brackets keep this file from finding itself.
    elsewhere = re.compile(r"accuracy [s]tudy|\bissue ['\"#]\w", re.IGNORECASE)
    page_name = re.compile(r"(?<![\w/.}-])([\w/.-]*\w\.md)\b(?:[\s/#*]+§([\d.]*\d))?")
    link = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")
    for path in files(root, "README.md", "src", "tests", "jobs", "input", "modules"):
        if path.name == "check_test.py":
            continue
        content = path.read_text(encoding="utf-8")
        where = lambda match: place(root, path, content.count("\n", 0, match.start()) + 1)
        for match in elsewhere.finditer(content):
            yield f"{where(match)}: '{match.group()}' is no page of this tree: cite one that is"
        for match in page_name.finditer(content):
            name, section = match.groups()
            page = next((folder / name for folder in (path.parent, root, root / "src")
                         if (folder / name).is_file()), None)
            if page is None:
                yield f"{where(match)}: there is no page {name}"
            elif section and not any(title.split(" ")[0].rstrip(".") == section
                                     for title in headings(page)[0]):
                yield f"{where(match)}: {name} has no section {section}"
        for match in link.finditer(content) if path.suffix == ".md" else []:
            name, anchor = match.groups()
            target = path.parent / name if name else path
            if not target.exists():
                yield f"{where(match)}: a link to {name}, which does not exist"
            elif anchor and anchor not in headings(target)[1]:
                yield f"{where(match)}: a link to #{anchor}, which is no heading of {target.name}"


def is_shell_script(path):
    first = path.read_bytes().split(b"\n", 1)[0]
    return path.suffix in {".sh", ".sbatch"} or re.match(rb"#!.*\b(ba|da)?sh\b", first) is not None


def shell(root):
    scripts = [path for path in files(root) if is_shell_script(path)]
    for path in scripts:
        sourced = not path.read_bytes().startswith(b"#!")
        if not sourced and not path.stat().st_mode & 0o111:
            yield f"{place(root, path, 1)}: not executable: chmod +x"
    yield from output_of(root, "shellcheck", ["--format=gcc", "--external-sources"], scripts)


def format_style(root):
    tool = needed("clang-format")
    style = root / ".clang-format"
    pinned = re.search(r"clang-format (\d+)", style.read_text().splitlines()[0]).group(1)
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if f"version {pinned}." not in version:
        raise CannotCheck(f"the style is that of clang-format {pinned}; here is {version.strip()}")
    said = list(output_of(root, "clang-format", ["--dry-run", "--Werror", f"--style=file:{style}"],
                          list(sources(root, "src", "tests"))))
    first_lines = {}  # one finding a file instead of one a blank
    for place_of in filter(None, (re.match(r"(\S+?):(\d+):\d+: error", line) for line in said)):
        first_lines.setdefault(place_of.group(1), place_of.group(2))
    if not first_lines:
        yield from said
    for name, line in first_lines.items():
        yield f"{name}:{line}: not formatted as .clang-format says: clang-format -i {name}"


def needed(program):
    path = shutil.which(program)
    if not path:
        raise CannotCheck(f"{program} is not installed (modules/setup-debian.sh test)")
    return path


def output_of(root, program, options, paths):
    """What a checking tool says on the files, a line each; nothing when it is content."""
    if not paths:
        return
    command = [needed(program), *options, *(str(path.relative_to(root)) for path in paths)]
    result = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, check=False)
    if result.returncode != 0:
        yield from result.stdout.splitlines() or [f"{program}: exit code {result.returncode}"]


RULES = {"arrows": arrows, "names": names, "length": length, "text": text,
         "citations": citations, "shell": shell, "format": format_style}


def main(arguments):
    if not arguments or arguments[0] not in RULES:
        print(__doc__)
        return 2
    own_tree = pathlib.Path(__file__).resolve().parents[2]
    root = pathlib.Path(arguments[1]).resolve() if len(arguments) > 1 else own_tree
    try:
        findings = list(RULES[arguments[0]](root))
    except CannotCheck as reason:
        print(f"SKIPPED: {arguments[0]} was not checked: {reason}")
        return SKIPPED
    print("\n".join(findings) if findings else f"{arguments[0]}: nothing to mend")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
