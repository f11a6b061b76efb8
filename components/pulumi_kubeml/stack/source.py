"""Where the configuration of the running program comes from, and how its errors are shown."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import config as runtime

from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import Problem
from pulumi_kubeml.stack.model import KEYS, NAMESPACE, StackSpec
from pulumi_kubeml.stack.read import kind_of, read


class InvalidStack(InvalidArgs):
    """Everything that is wrong with a stack file, under the file's name.

    >>> print(InvalidStack("stacks/Pulumi.dev.yaml", [Problem("kubeml:pools[0].max", "0 nodes"), Problem("kubeml:pols", "unknown key")]))
    stacks/Pulumi.dev.yaml
      kubeml:pools[0].max  0 nodes
      kubeml:pols          unknown key
    """

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        super().__init__(problems)
        self.file = file

    def __str__(self) -> str:
        width = max((len(problem.path) for problem in self.problems), default=0)
        return "\n".join([self.file, *(f"  {each.path:{width}}  {each.message}".rstrip() for each in self.problems)])


def load() -> StackSpec:
    """Make the spec of the stack that this program runs for; InvalidStack has everything that is wrong with it."""
    config, problems = configuration()
    spec, found = read(config)
    problems += providers(config)
    if spec is None or problems:
        paths = {problem.path for problem in problems}
        raise InvalidStack(stack_file(), [*problems, *(each for each in found if each.path not in paths)])
    return spec


def read_file(path: str | Path) -> StackSpec:
    """Make the spec of any stack file, such as that of another stack whose cluster this program works in.

    InvalidStack has everything that is wrong with it.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not YAML"
        raise InvalidStack(str(path), [Problem("", f"cannot be read: {why}")]) from None
    given = content.get("config") if isinstance(content, dict) else None
    keys: Mapping[str, Any] = given if isinstance(given, dict) else {}
    begin = f"{NAMESPACE}:"
    spec, problems = read({key.removeprefix(begin): value for key, value in keys.items() if key.startswith(begin)})
    if spec is None:
        raise InvalidStack(str(path), problems)
    return spec


def configuration() -> tuple[dict[str, Any], list[Problem]]:
    """Make the project's own configuration, by key without namespace; a key that is secret is a problem, its value unseen."""
    given: Mapping[str, Any] = {**runtime.get_config_env(), **runtime.CONFIG.get()}
    secrets = {*runtime.get_config_secret_keys_env(), *(key for key in given if runtime.is_config_secret(key))}
    config: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        namespace, _, name = key.partition(":")
        if namespace != NAMESPACE:
            continue
        if key in secrets:
            problems.append(Problem(key, "is secret, but what a stack is made of cannot be; set it without --secret"))
        elif name in KEYS and name != "environment":
            config[name] = _structure(value)
        else:
            config[name] = value
    return config, problems


def providers(config: Mapping[str, Any]) -> list[Problem]:
    """Make a problem of each key of the cloud's provider that the cluster cannot do without, and that is said nowhere."""
    kind, given = kind_of(config), {**runtime.get_config_env(), **runtime.CONFIG.get()}
    if kind is None:
        return []
    return [
        Problem(key, f"missing, but needed by a cluster of kind {kind.name}" + _or_variable(variables))
        for key, variables in kind.configuration.items()
        if key not in given and not any(os.environ.get(each) for each in variables)
    ]


def stack_file() -> str:
    """Make the path of the stack's file as a user of the project knows it."""
    project = Path("Pulumi.yaml")
    settings = yaml.safe_load(project.read_text(encoding="utf-8")) if project.is_file() else None
    folder = settings.get("stackConfigDir", "") if isinstance(settings, dict) else ""
    return (Path(folder) / f"Pulumi.{pulumi.get_stack()}.yaml").as_posix()


def _or_variable(variables: tuple[str, ...]) -> str:
    return f"; the variable {' or '.join(variables)} may say it instead" if variables else ""


def _structure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
