"""Programs in folders of their own, run by the embedded evaluator against the simulated clouds: what the tests of each cloud share."""

import json
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from kubeml_simulator.engine import Providers, Result, load_project, run

# Ids and the ends of automatic names: different for every cluster, and nobody's promise.
GIVEN = re.compile(r"(?<=-)[0-9a-f]{7}\b|[0-9a-f]{8}-[0-9a-f-]{27}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file share what was run for it, so one worker runs them where tests are distributed by group."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@dataclass(frozen=True)
class Evaluated:
    """The resources of one evaluated stack, found by what they are."""

    result: Result

    @property
    def resources(self) -> list[dict[str, Any]]:
        return self.result.resources

    @cached_property
    def by_urn(self) -> dict[str, dict[str, Any]]:
        return {each["urn"]: each for each in self.resources}

    def of(self, token: str, inside: str = "") -> dict[str, dict[str, Any]]:
        """Resources of a type by name; with the name of a cluster only those that belong to it."""
        found = [each for each in self.resources if each["type"] == token]
        return {name_of(each): each for each in found if not inside or inside in self.above(each)}

    def inputs(self, token: str, name: str) -> dict[str, Any]:
        return self.of(token)[name]["inputs"]

    def above(self, resource: dict[str, Any]) -> list[str]:
        """Names of the components that a resource belongs to."""
        names: list[str] = []
        while resource.get("parent"):
            resource = self.by_urn[resource["parent"]]
            names.append(name_of(resource))
        return names

    def needs(self, resource: dict[str, Any]) -> set[str]:
        """URNs of everything that comes before a resource, however far."""
        by_urn = self.by_urn
        found: set[str] = set()
        left = [resource]
        while left:
            each = left.pop()
            provider = each.get("provider", "").rpartition("::")[0]
            for urn in [*each.get("dependencies", []), provider]:
                if urn in by_urn and urn not in found:
                    found.add(urn)
                    left.append(by_urn[urn])
        return found


def name_of(resource: dict[str, Any]) -> str:
    return resource["urn"].rpartition("::")[2]


def errors(result: Result) -> str:
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


@dataclass(frozen=True)
class Project:
    """A project that can be run more than once, with a state between."""

    directory: Path
    imports: str
    providers: Mapping[str, Any]

    def run(self, operation: str, program: str | None = None, *, touch_state: bool = True) -> Result:
        if program is not None:
            (self.directory / "__main__.py").write_text(self.imports + textwrap.dedent(program), encoding="utf-8")
        project = load_project(self.directory)
        providers = Providers(in_process=dict(self.providers))
        return run(operation, project, project.stack("dev"), providers=providers, touch_state=touch_state)

    def graph(self, program: str, operation: str = "up") -> Evaluated:
        result = self.run(operation, program, touch_state=False)
        assert result.ok, errors(result)
        return Evaluated(result)


@dataclass(frozen=True)
class Laboratory:
    """Makes projects of one cloud, and evaluates a program once, however many tests ask for it."""

    make_directory: Callable[[], Path]
    imports: str
    config: Mapping[str, str]
    providers: Mapping[str, Any]
    known: dict[tuple[str, str], Evaluated] = field(default_factory=dict)

    def project(self, directory: Path | None = None) -> Project:
        directory = directory or self.make_directory()
        (directory / "Pulumi.yaml").write_text("name: ml\nruntime: python\n", encoding="utf-8")
        settings = "".join(f"  {key}: {value}\n" for key, value in self.config.items())
        (directory / "Pulumi.dev.yaml").write_text(f"config:\n{settings}", encoding="utf-8")
        return Project(directory, self.imports, self.providers)

    def graph(self, program: str, operation: str = "up") -> Evaluated:
        if (program, operation) not in self.known:
            self.known[program, operation] = self.project().graph(program, operation)
        return self.known[program, operation]


@pytest.fixture(scope="session")
def make_laboratory(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Laboratory]:
    """Makes the laboratory of a cloud."""

    def make(name: str, *, imports: str, config: Mapping[str, str], providers: Mapping[str, Any]) -> Laboratory:
        return Laboratory(lambda: tmp_path_factory.mktemp(name), imports, config, providers)

    return make


@pytest.fixture(scope="session")
def without_given() -> Callable[[object], str]:
    """Makes the text of a value, without what a cloud or an engine makes up."""

    def text(value: object) -> str:
        return GIVEN.sub("...", json.dumps(value, indent=1, sort_keys=True))

    return text
