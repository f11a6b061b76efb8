"""Runs the project's program in its own process and passes on what it prints."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.project import Project

_WAKES_SECONDS = 0.2
_END_SECONDS = 5.0


@dataclass(slots=True)
class Program:
    """A program that runs; `wait` gives its exit code."""

    context: Context
    process: subprocess.Popen[str]
    _readers: list[threading.Thread] = field(default_factory=list[threading.Thread])

    @classmethod
    def start(
        cls,
        context: Context,
        project: Project,
        address: str,
        *,
        config: Mapping[str, str],
        secret_keys: list[str],
        organization: str,
        way: Literal["fast", "sdk"],
        environment: Mapping[str, str] | None = None,
    ) -> "Program":
        """Starts the project's program against the monitor at an address."""
        command = [
            str(python_of(project)), "-u", "-P", str(Path(__file__).with_name("runner.py")),
            "--monitor", address, "--engine", address, "--project", context.project, "--stack", context.stack,
            "--organization", organization, "--root", str(project.directory), "--program", str(project.main), "--way", way,
        ]  # fmt: skip
        if context.preview:
            command.append("--dry-run")
        given = dict(os.environ if environment is None else environment)
        given["PULUMI_CONFIG"] = json.dumps(dict(config))
        given["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(secret_keys)
        folder = project.main if project.main.is_dir() else project.main.parent
        if project.virtualenv is not None and not _python_in(project.virtualenv).exists():
            context.say(
                "warning", f"Pulumi.yaml names {project.virtualenv}, which has no Python: {sys.executable} runs it"
            )
        process = subprocess.Popen(
            command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", start_new_session=True,
        )  # fmt: skip
        program = cls(context, process)
        program._read(process.stdout)
        program._read(process.stderr)
        return program

    def _read(self, stream: IO[str] | None) -> None:
        def pass_on() -> None:
            for line in stream or ():
                if line.strip() and not self.context.stopped:
                    with self.context.lock:
                        self.context.say("info", line.rstrip("\n"))
            if stream:
                stream.close()

        thread = threading.Thread(target=pass_on, daemon=True)
        thread.start()
        self._readers.append(thread)

    def wait(self) -> int:
        """Waits until the program has ended and all it printed is passed on.

        Another thread waits for the process: an interrupt then reaches the main thread at once, not after the quarter of a
        second that Popen.wait gives the process to end by itself. The main thread wakes now and then all the same: the
        system may hand a signal to a thread that is busy, and a sleeping main thread would never hear of it.
        """
        ended = threading.Event()

        def watch() -> None:
            self.process.wait()
            ended.set()

        threading.Thread(target=watch, daemon=True).start()
        while not ended.wait(_WAKES_SECONDS):
            continue
        code = self.process.wait()
        for thread in self._readers:
            thread.join()
        return code

    def end(self) -> None:
        """Ends the program and what it started."""
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
            try:
                self.process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self.process.wait()
        for thread in self._readers:
            thread.join(1)

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def python_of(project: Project) -> Path:
    """The Python that runs the project: its virtual environment's, else this process's."""
    if project.virtualenv is not None and _python_in(project.virtualenv).exists():
        return _python_in(project.virtualenv)
    return Path(sys.executable)


def _python_in(virtualenv: Path) -> Path:
    return virtualenv / "bin" / "python"
