"""The stacks on GKE: whatever they use of Google Cloud is simulated in depth."""

import re
from pathlib import Path

import pytest

from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.clouds.gcp.tables import by_token, rows
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from kubeml_simulator.provider import World, has_unknown
from kubeml_simulator.provider.sdk import Schema

GCP = Schema.for_package("pulumi_gcp")
FOLDER = Path(__file__).parents[3] / "stacks"
STACKS = sorted(
    path.stem.removeprefix("Pulumi.") for path in FOLDER.glob("Pulumi.*.yaml") if "kind: gke" in path.read_text()
)
MEASURED = {"container/cluster:Cluster", "container/nodePool:NodePool", "compute/network:Network", "compute/subnetwork:Subnetwork"}  # fmt: skip


@pytest.fixture(scope="module", params=STACKS)
def resources(root, request):
    project = load_project(root)
    world = World()
    providers = Providers(in_process={"gcp": lambda: GcpProvider((), world), "kubernetes": KubernetesProvider})
    result = run("up", project, project.stack(request.param), providers=providers, touch_state=False)
    assert result.ok, [each.message for each in result.diagnostics]
    found = [each for each in result.resources if each["type"].startswith("gcp:")]
    assert len(found) > 20
    return found


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, f"{path}[*]")
    else:
        yield path, value


@pytest.mark.parametrize("table", ["types.tsv", "rules.tsv", "replace.tsv"])
def test_every_type_of_the_stack_has_rows(resources, table):
    used = {each["type"] for each in resources}
    assert used - set(by_token(table)) == set()


def test_what_takes_long_has_a_measured_duration(resources):
    provider = GcpProvider()
    measured = {each["type"] for each in resources if provider.latency(each["type"], "create", {})[1]}
    assert {f"gcp:{kind}" for kind in MEASURED} <= measured


def test_every_reference_of_the_stack_is_looked_up(resources):
    """A text that is the id, the link or the address of another resource of the stack is one that the rules look for."""
    meant = {}
    for each in resources:
        own = (each["id"], each["outputs"].get("selfLink"), each["outputs"].get("email"), each["outputs"].get("member"))
        meant |= {text: each["urn"] for text in own if isinstance(text, str)}
    asked = {(row["token"], row["property"]) for row in rows("rules.tsv") if row["rule"] in {"exists", "member"}}
    used = {
        (each["type"], path)
        for each in resources
        for path, value in leaves(each["inputs"])
        if isinstance(value, str) and meant.get(value, each["urn"]) != each["urn"]
    }
    assert len(used) > 8
    assert used - asked == set()


def test_every_output_that_the_sdk_promises_is_there_and_known(resources):
    for each in resources:
        resource = GCP.resource(each["type"])
        promised = set(resource.outputs) - set(resource.inputs) - {"id", "urn"}
        assert promised - set(each["outputs"]) == set(), each["type"]
        assert not has_unknown(each["outputs"]), each["urn"]


def test_every_change_of_a_property_of_the_stack_is_judged(resources):
    """Of a property that the provider's documents call immutable the tables say so."""
    immutable = {"network", "region", "location", "keyRing", "accountId", "member", "role", "cluster"}
    for each in resources:
        replaces = {row["property"] for row in by_token("replace.tsv")[each["type"]] if row["forces"] == "replace"}
        given = immutable & set(each["inputs"])
        if each["type"] == "gcp:compute/firewall:Firewall":
            given.discard("network")  # an update, as the recorded facts have it
        assert given <= replaces, each["type"]


def test_addresses_of_the_stack_have_the_project_in_them(resources):
    for each in resources:
        for path, value in leaves(each["outputs"]):
            if path.endswith(("selfLink", "instanceGroupUrls[*]")):
                assert re.match(r"https://(www|container)\.googleapis\.com/\S+/projects/kubeml-[a-z]+/", value), path
