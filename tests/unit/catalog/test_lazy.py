"""What is plain data stays light: the cost of an import is paid by whoever needs the thing."""

import subprocess
import sys

import pytest

HEAVY = ("pulumi", "pulumi_aws", "pulumi_kubernetes", "pydantic")


def loaded(program: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after a program."""
    report = f"{program}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "program",
    [
        "import pulumi_kubeml",
        "import pulumi_kubeml.catalog as c; [c.machines(each) for each in c.CLOUDS]; c.accelerators(); c.offers('h100', 'gcp')",
        "from pulumi_kubeml.nodes import broken; broken('gcp', {'queued': True, 'min': 1})",
        "from pulumi_kubeml.capacity.allocatable import allocatable; allocatable(8, 32, 'azure')",
        "from pulumi_kubeml.nodes import NodePoolSpec, resolve; resolve(NodePoolSpec('a', accelerator='l4', max=1), 'aws')",
        "from pulumi_kubeml import NodePoolSpec, ConfigurationError, EksClusterArgs",
    ],
)
def test_facts_and_pools_load_neither_engine_nor_sdk(program):
    assert loaded(program) == set()


def test_no_table_is_read_before_it_is_asked_for():
    watch = "import sys; opened = []; sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)"
    report = "print(*[name for name in opened if '/catalog/data/' in name or '/capacity/data/' in name], sep=chr(10))"
    program = f"{watch}\nimport pulumi_kubeml.catalog as c, pulumi_kubeml.nodes\n{report}\nprint('--')\nc.machines('gcp')\n{report}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, _, after = done.stdout.partition("--")
    assert before.strip() == ""
    assert "machines_gcp.csv" in after
    assert "machines_aws.csv" not in after


def test_the_contract_of_clusters_loads_no_cloud():
    assert "pulumi_aws" not in loaded("from pulumi_kubeml import Cluster")


def test_only_the_cluster_itself_loads_its_cloud():
    assert "pulumi_aws" in loaded("from pulumi_kubeml import EksCluster")


def test_the_catalog_itself_loads_none_of_its_parts():
    report = "import sys, pulumi_kubeml.catalog; print(*[name for name in sys.modules if name.startswith('pulumi_kubeml.catalog.')])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("first", ["accelerators", "machines", "offers", "images", "versions"])
def test_a_function_keeps_its_name_though_a_module_of_that_name_is_loaded_first(first):
    program = f"""
import pulumi_kubeml.catalog.{first}
from types import ModuleType
from pulumi_kubeml import catalog
print(*[name for name in catalog.__all__ if isinstance(getattr(catalog, name), ModuleType)])
print(catalog.accelerators()["l4"].key, *catalog.offers("h100", "aws"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "l4 p5.4xlarge p5.48xlarge"]


def test_the_catalog_offers_what_it_exports_and_nothing_else():
    from pulumi_kubeml import catalog

    assert set(catalog.__all__) <= set(dir(catalog))
    with pytest.raises(AttributeError, match="no attribute 'accelerator'"):
        _ = catalog.accelerator


def test_a_name_that_is_not_exported_is_an_attribute_error():
    import pulumi_kubeml

    with pytest.raises(AttributeError, match="no attribute 'Klaster'"):
        _ = pulumi_kubeml.Klaster


def test_everything_exported_is_offered_to_completion():
    import pulumi_kubeml

    assert set(pulumi_kubeml.__all__) <= set(dir(pulumi_kubeml))
