"""Reads a project (`Pulumi.yaml`) and its stacks (`Pulumi.<stack>.yaml`) the way Pulumi does."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.config import Reader, text_of
from kubeml_simulator.engine.crypto import Crypter, WrongPassphraseError
from kubeml_simulator.engine.events import Problem, ProjectError
from kubeml_simulator.engine.yamls import kind, read

_FILES = ("Pulumi.yaml", "Pulumi.yml")
_PROJECT_KEYS = (
    "name", "runtime", "main", "description", "stackConfigDir", "config", "options", "author", "website", "license",
    "backend", "template", "packages", "requiredPulumiVersion",
)  # fmt: skip
_STACK_KEYS = ("config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment")


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack's configuration: values by namespaced key, structures as they are, secrets wrapped.

    `withheld` has the keys whose secrets could not be read for want of a passphrase.
    """

    name: str
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    withheld: frozenset[str] = frozenset()
    crypter: Crypter | None = None

    def secret_keys(self) -> list[str]:
        """The keys whose values hold a secret."""
        return sorted(key for key, value in self.config.items() if wire.has_secret(value))

    def for_program(self, *, preview: bool) -> dict[str, Any]:
        """Makes the configuration that a program gets: a withheld secret is unknown in a preview, else a placeholder."""
        if preview:
            return dict(self.config)
        return {key: _placeholder(value, key) if key in self.withheld else value for key, value in self.config.items()}

    def texts(self, *, preview: bool) -> dict[str, str]:
        """Makes the same as text, as programs get it."""
        return {key: text_of(value) for key, value in self.for_program(preview=preview).items()}


@dataclass(frozen=True, slots=True)
class Project:
    """A Pulumi project in a folder; paths are absolute."""

    name: str
    directory: Path
    main: Path
    stack_config_dir: Path
    description: str = ""
    virtualenv: Path | None = None
    config: Any = None

    def stacks(self) -> list[str]:
        """The names of the stacks that have a file."""
        found = {path.name.removesuffix(path.suffix) for path in self.stack_config_dir.glob("Pulumi.*.y*ml")}
        return sorted(name.removeprefix("Pulumi.") for name in found)

    def stack(self, name: str, environment: Mapping[str, str] | None = None) -> Stack:
        """Reads one stack. Raises ProjectError with all that is wrong with it.

        The passphrase is in PULUMI_CONFIG_PASSPHRASE or the file that PULUMI_CONFIG_PASSPHRASE_FILE names; without one,
        secrets stay unread. A project without any stack file has any stack, with the project's defaults.
        """
        given = os.environ if environment is None else environment
        known = self.stacks()
        path = next((p for s in (".yaml", ".yml") if (p := self.stack_config_dir / f"Pulumi.{name}{s}").exists()), None)
        if path is None and known:
            shown = f"{_shown(self.stack_config_dir / f'Pulumi.{name}.yaml', self.directory)}"
            raise ProjectError([Problem(shown, f"does not exist; the stacks are {', '.join(known)}")])
        data = {} if path is None else read(path, _shown(path, self.directory))
        shown = "" if path is None else f"{_shown(path, self.directory)}  "
        reader = Reader(self.name)
        self._check_keys(data, shown, reader)
        reader.crypter = _crypter(data, shown, reader, given)
        config = reader.defaults(self.config, reader.values(data.get("config"), shown), name)
        if reader.problems:
            raise ProjectError(reader.problems)
        return Stack(name, config, frozenset(reader.withheld), reader.crypter)

    def _check_keys(self, data: Mapping[str, Any], shown: str, reader: Reader) -> None:
        for key in data:
            if key not in _STACK_KEYS:
                reader.problems.append(Problem(f"{shown}{key}", f"unknown key; known: {', '.join(_STACK_KEYS)}"))
        if data.get("environment"):
            reader.problems.append(Problem(f"{shown}environment", "Pulumi ESC environments are not supported"))


def load_project(directory: Path) -> Project:
    """Reads the project in a folder. Raises ProjectError with all that is wrong with it."""
    directory = directory.resolve()
    path = next((directory / name for name in _FILES if (directory / name).exists()), None)
    if path is None:
        raise ProjectError(
            [Problem(str(directory / "Pulumi.yaml"), "does not exist: this folder is no Pulumi project")]
        )
    data = read(path, path.name)
    problems: list[Problem] = []
    for key in data:
        if key == "plugins":
            problems.append(Problem(f"{path.name}  {key}", "is not supported: put pulumi-resource-NAME on PATH"))
        elif key not in _PROJECT_KEYS:
            problems.append(Problem(f"{path.name}  {key}", f"unknown key; known: {', '.join(_PROJECT_KEYS)}"))

    def text(key: str, default: str = "") -> str:
        value = data.get(key, default)
        if not isinstance(value, str):
            problems.append(Problem(f"{path.name}  {key}", f"is {kind(value)}, it must be text"))
            return default
        return value

    name = text("name")
    if not name:
        problems.append(Problem(f"{path.name}  name", "is missing: the project's name"))
    description = text("description")
    virtualenv = _runtime(data.get("runtime"), path.name, problems)
    options = data.get("options")
    main = directory / text("main", ".")
    folder = directory / text("stackConfigDir", data["config"] if isinstance(data.get("config"), str) else ".")
    if not main.exists() or (main.is_dir() and not (main / "__main__.py").exists()):
        problems.append(Problem(f"{path.name}  main", f'"{_shown(main, directory)}" has no __main__.py'))
    if options is not None and not isinstance(options, dict):
        problems.append(Problem(f"{path.name}  options", f"is {kind(options)}, it must be a mapping"))
    if problems:
        raise ProjectError(problems)
    found = Project(name, directory, main.resolve(), folder.resolve(), description, config=data.get("config"))
    return found if virtualenv is None else replace(found, virtualenv=directory / virtualenv)


def _runtime(runtime: Any, shown: str, problems: list[Problem]) -> str | None:
    """Reads the runtime; returns the virtual environment that it names."""
    name = runtime.get("name") if isinstance(runtime, dict) else runtime
    if name != "python":
        said = f'"{name}"' if name else "nothing"
        problems.append(Problem(f"{shown}  runtime", f"is {said}; the evaluator runs python programs only"))
    options = runtime.get("options") if isinstance(runtime, dict) else None
    found = options.get("virtualenv") if isinstance(options, dict) else None
    return found if isinstance(found, str) else None


def _crypter(data: Mapping[str, Any], shown: str, reader: Reader, environment: Mapping[str, str]) -> Crypter | None:
    phrase = passphrase(environment)
    salt = data.get("encryptionsalt")
    if phrase is None or not isinstance(salt, str):
        return None
    try:
        return Crypter.of(phrase, salt)
    except WrongPassphraseError as error:
        reader.problems.append(Problem(f"{shown}encryptionsalt", f"PULUMI_CONFIG_PASSPHRASE does not fit: {error}"))
        return None


def passphrase(environment: Mapping[str, str]) -> str | None:
    """The passphrase that the environment gives, or None."""
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    return Path(file).read_text(encoding="utf-8").strip() if file and Path(file).is_file() else None


def _placeholder(value: Any, key: str) -> Any:
    if wire.is_secret(value):
        return wire.secret(f"placeholder-of-{key.replace(':', '-')}")
    if isinstance(value, dict):
        return {name: _placeholder(item, key) for name, item in value.items()}
    return [_placeholder(item, key) for item in value] if isinstance(value, list) else value


def _shown(path: Path, directory: Path) -> str:
    return path.relative_to(directory).as_posix() if path.is_relative_to(directory) else str(path)
