"""Finds what a command is about: the project at or above a folder, and one of its stacks."""

from pathlib import Path
from typing import TYPE_CHECKING

from kubeml_simulator.cli.errors import refuse

if TYPE_CHECKING:
    from kubeml_simulator.cli.options import Target
    from kubeml_simulator.engine import Project, Stack

_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


def resolve(target: "Target") -> "tuple[Project, Stack]":
    """Loads the project and the stack that `target` names; a project's only stack needs no name.

    Raises Refusal where there is no such project or stack, the engine's ProjectError where one cannot be read.
    """
    from kubeml_simulator.engine import load_project

    project = load_project(find(target.cwd))
    return project, project.stack(choose(target.stack, list(project.stacks())))


def find(directory: Path) -> Path:
    """Finds the folder of the project at or above `directory`, the way Pulumi does."""
    start = directory.resolve()
    if not start.is_dir():
        refuse(str(directory), "is no folder")
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in _FILES):
            return folder
    return refuse(str(directory), f"there is no project here or above: {_FILES[0]} is missing; -C names another folder")


def choose(wanted: str | None, stacks: list[str]) -> str:
    """Makes the name of the stack: the one that is wanted, or the only one there is.

    A project without any stack file takes every name, for a stack needs none.

    >>> choose(None, ["dev"]), choose("prod", ["dev", "prod"]), choose("new", [])
    ('dev', 'prod', 'new')
    """
    if wanted and (wanted in stacks or not stacks):
        return wanted
    known = f"there is {', '.join(sorted(stacks))}" if stacks else "this project has no stack file, so any name will do"
    if wanted:
        refuse("--stack", f'"{wanted}" is not a stack of this project; {known}')
    if len(stacks) == 1:
        return stacks[0]
    return refuse("--stack", f"name a stack; {known}")
