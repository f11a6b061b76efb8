"""No argument is accepted and does nothing: said otherwise, it changes something that is asked for, or is refused by name.

The arguments are read from the classes, those that stand in another argument included: a new one without a case fails.
"""

import json
import re

import pytest
from tests.graph.arguments import build
from tests.graph.arguments.case import arguments

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.kubernetes import KubernetesProvider

CLOUDS = {
    "eks": ({"aws:region": "us-east-1"}, {"aws": AwsProvider}),
    "gke": ({"gcp:project": "ml-dev", "gcp:region": "us-central1"}, {"gcp": GcpProvider}),
    "aks": ({"azure-native:location": "eastus"}, {"azure-native": AzureProvider}),
}
IDENTITY = {"NodePoolSpec.name"}
"""What tells a pool from another: every name below it has it, and so it is never the same."""
SAID_AS = {"ReservedMachines": "reservation", "KnownReservation": "reservation", "Mig": "mig"}
"""What a refusal calls what belongs to a class, where it is not the class's name."""
ELSEWHERE = {"pulumi:providers:kubernetes"}
"""The way in has the certificate of its own cluster."""
# Ids and the ends of automatic names, as the simulated clouds make them up.
GIVEN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-fA-F]{32}|(?<=[a-zA-Z]-)[0-9a-f]{7}\b|(?<=[g-zA-Z-])[0-9a-f]{8,15}\b|(?<!cr-)(?<=-)[0-9a-f]{17}\b"
)
EVERY = [(kind, key) for kind in CLOUDS for key, case in build.table(kind).CASES.items()]
CHANGING = [(kind, key) for kind, key in EVERY if not build.table(kind).CASES[key].refused]
REFUSED = [(kind, key) for kind, key in EVERY if build.table(kind).CASES[key].refused]


@pytest.fixture(scope="module")
def asked(make_laboratory, root):
    """What is asked for by kind of cluster, level and number: types and inputs, every name made equal."""
    program = "sys.path.insert(0, {!r})\nfrom tests.graph.arguments import build\nbuild.make({!r})\n"
    graphs = {}

    def of(kind):
        if kind not in graphs:
            graphs[kind] = None  # a program that fails is not tried again by the next test
            config, providers = CLOUDS[kind]
            providers = {**providers, "kubernetes": KubernetesProvider}
            laboratory = make_laboratory(kind, imports="import sys\n", config=config, providers=providers)
            graphs[kind] = grouped(laboratory.graph(program.format(str(root), kind)))
        assert graphs[kind] is not None, "the program failed; see the first test"
        return graphs[kind]

    return of


def grouped(graph):
    found = {}
    # What somebody else keeps is told apart by its name, for its id is made up like any other.
    theirs = {
        each["id"]: each["urn"].rpartition("::")[2]
        for each in graph.resources
        if each.get("id") and not graph.above(each)[:-1]
    }
    for each in graph.resources:
        names = [each["urn"].rpartition("::")[2], *graph.above(each)]
        if len(names) < 2 or each["type"] in ELSEWHERE:
            continue
        for owner in {match for name in names for match in re.findall(r"\b[cp][0-9]{3}\b", name)}:
            inputs = {key: value for key, value in (each.get("inputs") or {}).items() if key != "agentPoolName"}
            text = json.dumps(inputs, sort_keys=True)
            for number, id_ in enumerate(theirs):
                text = text.replace(id_, f"THEIRS {number}")
            found.setdefault(owner, []).append((each["type"], GIVEN.sub("...", text.replace(owner, "NAME"))))
    return {owner: sorted(all_) for owner, all_ in found.items()}, graph.result.outputs["refused"]


@pytest.mark.parametrize("kind", CLOUDS)
def test_every_argument_has_a_case_and_every_case_an_argument(kind):
    known = build.table(kind)
    assert set(known.CASES) == arguments(known.ARGS) - IDENTITY


@pytest.mark.parametrize(("kind", "key"), CHANGING)
def test_an_argument_changes_what_is_asked_for(asked, kind, key):
    made, _ = asked(kind)
    case = build.table(kind).CASES[key]
    numbers = build.numbered(kind, case.level)
    before, after = (made[build.name(case.level, numbers.index(said))] for said in (case.before, case.after))
    assert before != after, f"{key} is accepted and does nothing"


@pytest.mark.parametrize(("kind", "key"), REFUSED)
def test_what_a_cloud_has_not_is_refused_by_name(asked, kind, key):
    case = build.table(kind).CASES[key]
    path = case.refused if case.level == "cluster" else f"node_pools[0].{case.refused}"
    _, refusals = asked(kind)
    assert list(refusals[key]) == [path], f"{key} is accepted"
    owner, name = key.split(".")
    words = (name.rstrip("s"), SAID_AS.get(owner, owner))
    assert any(word in f"{path} {refusals[key][path]}" for word in words), (
        f"the refusal does not name it: {refusals[key]}"
    )


@pytest.mark.parametrize("kind", CLOUDS)
def test_what_is_said_twice_asks_for_the_same(asked, kind):
    """Without this, the tests above could pass by noise."""
    made, _ = asked(kind)
    assert len(made["c000"]) > 20
    assert made["c000"] == made["c001"]
    assert made["p000"] == made["p001"]
