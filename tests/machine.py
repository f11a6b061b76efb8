"""Installs what the tests need and this machine lacks, where that is possible: Chromium, from Debian's packages, as root.

What stays missing is no failure: the tests that need it are skipped, and the last lines of the run say which and why.
"""

import os
import shutil
import subprocess


def ensure(program: str, package: str) -> None:
    """Install `package` for `program` where it is missing and this is Debian as root."""
    if shutil.which(program) or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"installing {package}, which brings {program}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        done = subprocess.run(["apt-get", "-q", *command], env=environment, capture_output=True, check=False)
        if done.returncode:
            print(f"could not install {package}: its tests will be skipped", flush=True)
            return


if __name__ == "__main__":
    ensure("chromium", "chromium")
