"""The table of kinds that carry pods, against the definitions themselves."""

import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable

import pytest

from pulumi_kubeml.capacity.graph.templates import Row, table

CUSTOM = sorted(key for key in table() if key[0] not in {"", "apps", "batch"})
INLINE = {"ServingRuntime", "ClusterServingRuntime"}
"""Their pods have no init containers, by which the others are told."""
KEY = re.compile(r"( *)(- )?([A-Za-z*][\w-]*):(?: (\w+))?$")
STEPS: dict[str, str | None] = {"properties": None, "items": "*", "additionalProperties": "*"}
Definition = dict[str, str]


def read(lines: Iterable[str]) -> Definition:
    """The type of every property of a definition's spec, by its path in the table's words.

    By indentation: the documents are large and their form is that of one generator.
    """
    found: Definition = {}
    stack: list[tuple[int, str]] = []
    for line in lines:
        match = KEY.match(line)
        if match is None:
            continue
        indent, key = len(match[1]) + len(match[2] or ""), match[3]
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, key))
        keys = [key for _, key in stack]
        if key == "type" and match[4] and "openAPIV3Schema" in keys:
            path = keys[keys.index("openAPIV3Schema") + 1 : -1]
            found.setdefault(_path(path), match[4])
    return found


def _path(keys: list[str]) -> str:
    """Schema keys come in turns: what kind of step, then, below `properties`, which one."""
    steps: list[str] = []
    rest = iter(keys)
    for key in rest:
        step = STEPS.get(key, key) or next(rest, "")
        steps += [step] if step else []
    return ".".join(steps)


def told(row: Row) -> set[str]:
    """Where a row says that pod specs are."""
    return {f"{path}.spec" if row.holds == "template" else path for path in row.path.split("|")}


@pytest.fixture(scope="module")
def definitions(shared) -> dict[tuple[str, str], list[Definition]]:
    wanted = {f"{group}_{kind.lower()}s": (group, kind) for group, kind in CUSTOM}
    found: dict[tuple[str, str], list[Definition]] = defaultdict(list)
    with tarfile.open(shared / "crds" / "crds.tgz") as archive:
        for member in archive:
            stem = member.name.rpartition("/")[2].partition(".yaml")[0]
            stream = archive.extractfile(member) if stem in wanted else None
            if stream is not None:
                found[wanted[stem]].append(read(stream.read().decode().splitlines()))
    return found


@pytest.mark.parametrize("key", CUSTOM, ids="/".join)
def test_pods_are_where_the_definition_has_them_and_none_is_forgotten(key: tuple[str, str], definitions) -> None:
    group, kind = key
    assert definitions[key], f"the recorded definitions have no {kind} of {group}"
    real = {
        path.removesuffix(".initContainers")
        for each in definitions[key]
        for path in each
        if path.endswith(".initContainers")
    }
    rows = {path for row in table()[key] if row.holds != "container" for path in told(row)}
    assert rows == ({"spec"} if kind in INLINE else real)


@pytest.mark.parametrize("key", CUSTOM, ids="/".join)
def test_replicas_are_numbers_where_the_table_says(key: tuple[str, str], definitions) -> None:
    paths = {
        factor.removesuffix("-1")
        for row in table()[key]
        for expression in (row.replicas, row.most)
        if expression not in {"", "none"}
        for factor in expression.split(" x ")
    }
    types = {path: {each.get(path) for each in definitions[key]} for path in paths}
    assert {path for path, found in types.items() if "integer" not in found} == set()
