"""Keeps the processes of one control plane, as a process of its own: it ends them all when whoever started it is gone.

It is run by path, with nothing but the standard library, and given the folder of the control plane's data, which it removes last. Each line on stdin is a JSON list, a log file and a command to start. The end
of stdin, however it comes about (a normal stop, an exception, Ctrl-C, a killed parent), ends everything. A program that stops by
itself is told on stdout by the name of its log.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


def _die_with_keeper() -> None:
    """Asks Linux to kill this process when the keeper dies, should even that be killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def keep() -> None:
    """Starts what stdin asks for, and waits for its end."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    waiting = b""
    on_linux = sys.platform == "linux"
    try:
        while True:
            if select.select([0], [], [], 0.1)[0]:
                block = os.read(0, 65536)
                if not block:
                    return
                *lines, waiting = (waiting + block).split(b"\n")
                for line in lines:
                    log, *command = json.loads(line)
                    with open(log, "ab") as file:  # noqa: PTH123 - a keeper loads as little as it can
                        running[log] = subprocess.Popen(
                            command,
                            stdin=subprocess.DEVNULL,
                            stdout=file,
                            stderr=file,
                            preexec_fn=_die_with_keeper if on_linux else None,  # noqa: PLW1509 - it has one thread
                        )
            for log in [name for name, process in running.items() if process.poll() is not None]:
                code = running.pop(log).returncode
                with suppress(BrokenPipeError):
                    os.write(1, f"{os.path.basename(log)} {code}\n".encode())  # noqa: PTH119
    finally:
        for process in running.values():
            process.kill()
        for process in running.values():
            process.wait()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        keep()
    finally:
        shutil.rmtree(sys.argv[1], ignore_errors=True)
