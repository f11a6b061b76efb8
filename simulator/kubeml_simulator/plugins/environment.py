"""An environment in which the real `pulumi` finds the simulated providers, a state of its own, and no network."""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

from kubeml_simulator.plugins.server import PROVIDERS

FOLDER = Path(".kubeml") / "exec"
_PATHLESS = "pulumi is not on PATH; https://www.pulumi.com/docs/install/ says how to get it"
_PIPLESS = (
    "pulumi asks pip which packages this environment has, and it has no pip; python -m ensurepip installs it "
    f"({sys.executable})"
)
_PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}
_SALT = b"encryptionsalt:"
_MISSING = 127
_LOOPBACK = "127.0.0.1,localhost"


def ambient(directory: Path | str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a `pulumi` that runs on the simulated providers; its launchers, state and cache stay in the directory.

    Pulumi takes `pulumi-resource-NAME` from PATH before it looks into its cache. The backend is always a folder: simulated resources never
    get into the state of real ones. A passphrase that is set is kept, for the secrets of the stack's configuration.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = ambient(folder, {"PATH": "/usr/bin"})
    ...     sorted(entry.name for entry in (Path(folder) / "bin").iterdir())
    ['pulumi-resource-aws', 'pulumi-resource-azure-native', 'pulumi-resource-gcp', 'pulumi-resource-kubernetes']
    """
    given = dict(os.environ if environment is None else environment)
    folder = Path(directory).absolute()
    launchers, backend, home = folder / "bin", folder / "state", folder / "home"
    for made in (launchers, backend, home):
        made.mkdir(parents=True, exist_ok=True)
    for name in PROVIDERS:
        launcher = launchers / f"pulumi-resource-{name}"
        launcher.write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {__package__} {name} "$@"\n', encoding="utf-8"
        )
        launcher.chmod(0o755)
    python = Path(sys.executable).parent
    path = os.pathsep.join([str(launchers), str(python), given.get("PATH", os.defpath)])
    without = {key: value for key, value in given.items() if key not in _UNWANTED}
    return {
        **without,
        "PATH": path,
        "VIRTUAL_ENV": str(python.parent),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_HOME": str(home),
        "PULUMI_CONFIG_PASSPHRASE": given.get("PULUMI_CONFIG_PASSPHRASE", ""),
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SUPPRESS_COPILOT_LINK": "true",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
        "NO_PROXY": _LOOPBACK,
        "no_proxy": _LOOPBACK,
    }


_UNWANTED = {
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_IGNORE_AMBIENT_PLUGINS",
    "PULUMI_DEBUG_PROVIDERS",
    "PULUMI_STACK",
}


def exec_(argv: Sequence[str], project_dir: Path | str) -> int:
    """Runs a command, as a rule `pulumi`, in the project's folder and in the environment that `ambient` makes; gives its exit code.

    A stack that the command names with `--stack` and that has no state yet is made first, so that `pulumi up --stack dev-eks` is
    enough. 127, with a reason on the error output, when there is no such command.
    """
    project = Path(project_dir).absolute()
    environment = ambient(project / FOLDER)
    if not _PASSPHRASE & os.environ.keys():
        del environment["PULUMI_CONFIG_PASSPHRASE"]
        environment["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file(project / FOLDER.parent))
    program = shutil.which(argv[0], path=environment["PATH"]) if argv else None
    if program is None:
        print(_PATHLESS if not argv or argv[0] == "pulumi" else f"{argv[0]}: no such command", file=sys.stderr)
        return _MISSING
    if Path(argv[0]).name != "pulumi":
        return _run([program, *argv[1:]], project, environment)
    if find_spec("pip") is None:
        print(_PIPLESS, file=sys.stderr)
        return _MISSING
    with nullcontext() if argv[1:2] == ["config"] else unsalted(project):
        stack = named_stack(argv)
        code = (
            make_stack(program, stack, project, environment) if stack and argv[1:2] not in (["stack"], ["login"]) else 0
        )
        return code or _run([program, *argv[1:]], project, environment)


def passphrase_file(root: Path) -> Path:
    """The file with the passphrase of the states under `.kubeml`, made where there is none.

    The evaluator writes its states with the same one, so that `pulumi stack import` reads them.
    """
    file = root / "passphrase"
    if not file.exists():
        root.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return file


def named_stack(argv: Sequence[str]) -> str:
    """The stack that a `pulumi` command names, or an empty text.

    >>> named_stack(["pulumi", "up", "-s", "dev-eks", "--yes"]), named_stack(["pulumi", "up", "--stack=dev-eks"]), named_stack(["pulumi"])
    ('dev-eks', 'dev-eks', '')
    """
    for position, argument in enumerate(argv):
        if argument in {"-s", "--stack"} and position + 1 < len(argv):
            return argv[position + 1]
        if argument.startswith("--stack="):
            return argument.removeprefix("--stack=")
    return ""


def make_stack(program: str, stack: str, project: Path, environment: Mapping[str, str]) -> int:
    """Makes the state of a stack unless there is one. Gives pulumi's exit code."""
    states = Path(environment["PULUMI_BACKEND_URL"].removeprefix("file://")) / ".pulumi" / "stacks"
    if any(states.glob(f"*/{stack}.json")):
        return 0
    return _run([program, "stack", "init", stack, "--no-select", "--non-interactive"], project, environment, quiet=True)


@contextmanager
def unsalted(project: Path) -> Generator[None]:
    """Keeps stack files as they are: Pulumi writes the salt of a new state into them, and also finds it in the state."""
    before = {path: path.read_bytes() for path in _stack_files(project)}
    try:
        yield
    finally:
        for path in _stack_files(project):
            kept = before.get(path)
            written = path.read_bytes()
            if kept is None and written.startswith(_SALT) and written.count(b"\n") == 1:
                path.unlink()
            elif kept is not None and _SALT not in kept and _SALT in written:
                path.write_bytes(kept)


def _stack_files(project: Path) -> list[Path]:
    found = [*project.glob("Pulumi.*.yaml"), *project.glob("*/Pulumi.*.yaml")]
    return [path for path in found if path.parent.name != FOLDER.parts[0]]


def _run(command: list[str], project: Path, environment: Mapping[str, str], *, quiet: bool = False) -> int:
    with subprocess.Popen(
        command,
        cwd=project,
        env=dict(environment),
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
    ) as process:
        while True:
            try:
                said = process.communicate()[0]
            except KeyboardInterrupt:
                continue  # the terminal interrupts pulumi too; it ends in good order and says so
            if process.returncode and said:
                print(said, file=sys.stderr, end="")
            return process.returncode
