"""The project's own AKS stack: what it makes is known here in depth, and what the service refuses to change is declared in it."""

from typing import Any

import pytest

from kubeml_simulator.cli.providers import simulated
from kubeml_simulator.clouds.azure.tables import by_token
from kubeml_simulator.clouds.common import Case
from kubeml_simulator.engine import load_project, run
from kubeml_simulator.provider import World
from kubeml_simulator.provider.failures import FailurePlan

POOL = "azure-native:containerservice:AgentPool"


@pytest.fixture(scope="module")
def made(root) -> list[dict[str, Any]]:
    """Every resource of Azure in dev-aks, as `up` makes it."""
    project = load_project(root)
    result = run("up", project, project.stack("dev-aks"), providers=simulated(FailurePlan()), touch_state=False)
    assert result.ok, [each.message for each in result.diagnostics]
    return [each for each in result.resources if each["type"].startswith("azure-native:")]


def test_every_type_that_the_stack_uses_is_in_the_tables(made):
    used = {each["type"] for each in made}
    assert len(used) > 15
    assert used - set(by_token("types.tsv")) == set()


def test_every_resource_has_an_id_of_azure_and_a_version_of_its_api(made):
    for each in made:
        assert each["id"].startswith("/subscriptions/"), each["urn"]
        assert each["outputs"]["azureApiVersion"][:2] == "20", each["urn"]


def given(resource: dict[str, Any], pattern: str) -> bool:
    return bool(list(Case("", "", resource["inputs"], "", World()).each(pattern)))


def test_a_pool_declares_every_property_that_the_service_refuses_to_change(made):
    """Else a change of the stack would fail in the cloud, after a preview that saw nothing."""
    pools = [each for each in made if each["type"] == POOL]
    assert len(pools) >= 3
    refused = [row["property"] for row in by_token("refused.tsv")[POOL] if row["when"] == "changed"]
    for pool in pools:
        declared = pool["replaceOnChanges"]
        missing = [path for path in refused if given(pool, path) and path.split(".")[0] not in declared]
        assert missing == [], pool["urn"]
