"""The installed program by its modulefile: loaded in a shell, and by a job that knows it by the
name of its module only; with Environment Modules and with Lmod.

Debian's packages of the two exclude each other. The one that is not installed is downloaded (into
the folder of the runs, with ".modules" behind it), unpacked into the cluster's state folder, and
used from there until the cluster goes down. The program is installed there, too: Lmod does not take
module folders with blanks in their names, and the build tree may have some.
"""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import slurm_harness
from slurm_harness import Case, WORK, command

STATE = pathlib.Path(os.environ["SLURM_TEST_DIR"])
PREFIX = STATE / "installed"
MODULES = STATE / "modulefiles"  # of the site
ARCHIVES = WORK.with_name(WORK.name + ".modules")
MADE_UP = "#%Module1.0\nsetenv MADE_UP_MPI loaded\n"  # stands for the modules of the build


def relocate(root):
    """Makes the text files of unpacked packages name each other where they are now."""
    def moved(match):
        path = match.group()
        return f"{root}{path}" if (root / path[1:]).exists() else path
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if b"\0" not in content:
                text = re.sub(r"(?<![\w.])/(usr|etc)/[\w./-]+", moved, content.decode("latin-1"))
                path.write_bytes(text.encode("latin-1"))


def archives(name, packages):
    """The packages' files; raises SkipTest when they cannot be had."""
    folder = ARCHIVES / name
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        got = subprocess.run(["apt-get", "download", *packages], cwd=folder, timeout=60,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
        if got.returncode != 0:
            raise unittest.SkipTest(f"{name} is neither installed nor to be had: {got.stdout}")
        (folder / "complete").touch()
    return folder.glob("*.deb")


def unpacked(name, packages):
    """The folder with the contents of the packages."""
    root = STATE / name
    if not root.exists():
        for archive in archives(name, packages):
            command("dpkg", "-x", archive, root)
        relocate(root)
    return root


class ModuleSystem:
    """Tests of both systems; the classes below say which."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root = pathlib.Path("/")
        if not (root / cls.init).exists():
            root = unpacked(cls.__name__, cls.packages)
        cls.init_file = root / cls.init
        made_up = MODULES / "made_up_mpi" / "1"
        made_up.parent.mkdir(parents=True, exist_ok=True)
        made_up.write_text(MADE_UP)
        shutil.rmtree(PREFIX, ignore_errors=True)
        command(os.environ.get("ADMMNET_CMAKE", "cmake"), "--install", os.environ["ADMMNET_BUILD"],
                "--prefix", PREFIX, env={**os.environ, "LOADEDMODULES": "made_up_mpi/1"})
        if not (PREFIX / "bin/libadmmnet_mpi_counter.so").exists():
            raise AssertionError("the library that counts messages is not beside the program")
        # What a user's shell has: the module system, and no program but by its module.
        cls.environment = {name: value for name, value in os.environ.items()
                           if name != "ADMMNET" and "MODULE" not in name and "LMOD" not in name}
        if str(root) != "/":  # Lua's own library
            library = next(root.glob("usr/lib/*"))
            cls.environment["LD_LIBRARY_PATH"] = str(library)

    def shell(self, *lines):
        start = [f". {self.init_file}", f"module use {MODULES} {PREFIX}/modules"]
        return command("bash", "-c", "\n".join([*start, *lines]), env=self.environment,
                       cwd=self.folder)

    def test_in_a_shell(self):
        said = self.shell("module load admmnet", "admmnet -version", "command -v admmnet",
                          "echo \"jobs: $ADMMNET_JOBS, MPI: $MADE_UP_MPI\"", "module list 2>&1",
                          "module help admmnet 2>&1", "module unload admmnet",
                          "command -v admmnet || echo \"gone: [$ADMMNET_JOBS]\"")
        version = re.search(r"^admmnet (\S+)", said, re.MULTILINE).group(1)
        self.assertIn(f"{PREFIX}/bin/admmnet\n", said)
        self.assertIn(f"jobs: {PREFIX}/share/admmnet/jobs, MPI: loaded\n", said)
        self.assertIn(f"admmnet/{version}", said)
        self.assertIn("trains very wide neural networks", said)
        self.assertIn("gone: []", said)

    def test_in_a_job(self):
        said = self.shell("export ADMMNET_MODULES=admmnet", "unset -f module",
                          "sbatch --wait --time=5 --signal=B:USR2@20 --output=job.out "
                          f"{PREFIX}/share/admmnet/jobs/train.sbatch '{self.deck}' "
                          "-train_iterations 3 -run_outdir out")
        output = (self.folder / "job.out").read_text()
        self.assertIn("Submitted batch job", said)
        self.assertIn(f"command: {PREFIX}/bin/admmnet train", output)
        self.assertRegex(output, r"modules: .*made_up_mpi/1")
        self.assertEqual(self.summary("out")["iterations"], 3)


class EnvironmentModules(ModuleSystem, Case):
    init = "usr/share/modules/init/bash"
    packages = ("environment-modules",)


class Lmod(ModuleSystem, Case):
    init = "usr/share/lmod/lmod/init/bash"
    packages = ("lmod", "lua5.3", "liblua5.3-0", "lua-posix", "lua-filesystem", "lua-json",
                "lua-lpeg", "lua-term", "lua-bit32")


if __name__ == "__main__":
    slurm_harness.harness.main()
