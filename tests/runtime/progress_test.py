#!/usr/bin/env python3
"""Progress on a terminal is shown in one place; in a file it leaves no trace within a minute.

    progress_test.py SCENARIO MPIEXEC [ARGUMENT...]
"""
import io
import os
import pty
import subprocess
import sys

SHOWN = ("\ra long text" "\ra text     " "\r      \r" "a line\n" "\rthe last" "\r        \r")
WRITTEN = "a line\n"


def on_terminal(command):
    output = io.BytesIO()

    def read(terminal):
        part = os.read(terminal, 4096)
        output.write(part)
        return part

    stdin, null = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)  # pty.spawn copies it to the terminal
    status = pty.spawn(command, read)
    os.dup2(stdin, 0)
    assert status == 0, (command, status)
    return output.getvalue().decode()


def into_a_pipe(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True,
                          stdin=subprocess.DEVNULL).stdout.decode()


def main():
    alone = [sys.argv[1], "progress"]
    launched = sys.argv[2:] + alone
    for command in alone, launched:
        shown = on_terminal(command)
        assert shown.replace("\r\n", "\n") == SHOWN, (command, shown)
    written = into_a_pipe(launched)
    assert written == WRITTEN, written


if __name__ == "__main__":
    main()
