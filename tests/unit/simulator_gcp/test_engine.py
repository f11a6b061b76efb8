"""The simulated Google Cloud under the embedded engine: a program of its own, from the first `up` to the last `destroy`."""

from pathlib import Path

import pytest

from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.engine import Providers, load_project, run

PROGRAM = """
import pulumi

def made(token, name, **props):
    outputs = {"email": None, "member": None, "endpoint": None, "name": None}
    return pulumi.CustomResource(token, name, {**outputs, **props})

config = pulumi.Config()
network = made("gcp:compute/network:Network", "main", autoCreateSubnetworks=False)
subnet = made(
    "gcp:compute/subnetwork:Subnetwork", "nodes", network=network.id, ipCidrRange="10.0.0.0/20", region="us-central1",
    secondaryIpRanges=[{"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"}, {"rangeName": "services", "ipCidrRange": "10.0.32.0/20"}],
)
account = made("gcp:serviceaccount/account:Account", "nodes", accountId="ml-nodes")
made(
    "gcp:projects/iAMMember:IAMMember", "logs", project="ml-dev", role="roles/logging.logWriter",
    member=account.email.apply(lambda email: "serviceAccount:" + email),
)
cluster = made(
    "gcp:container/cluster:Cluster", "ml", location="us-central1", network=network.id, subnetwork=subnet.id, initialNodeCount=1,
    removeDefaultNodePool=True, minMasterVersion=config.get("version") or "1.33", deletionProtection=config.get_bool("protected") or False,
    ipAllocationPolicy={"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
)
machine = config.get("machine") or "g2-standard-24"
made(
    "gcp:container/nodePool:NodePool", "train", cluster=cluster.id, nodeLocations=["us-central1-a"],
    autoscaling={"totalMinNodeCount": 0, "totalMaxNodeCount": config.get_int("max") or 4},
    nodeConfig={
        "machineType": machine, "serviceAccount": account.email, "spot": config.get_bool("spot") or False,
        "guestAccelerators": [{"type": "nvidia-l4", "count": 2}],
    },
)
pulumi.export("endpoint", cluster.endpoint)
"""


@pytest.fixture
def evaluate(tmp_path):
    """Runs an operation with a configuration and failures."""
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)

    def go(operation, failures=(), **config):
        lines = ["config:", "  gcp:project: ml-dev", "  gcp:region: us-central1"]
        lines += [f"  small:{key}: {value}" for key, value in config.items()]
        (tmp_path / "Pulumi.dev.yaml").write_text("\n".join(lines) + "\n")
        loaded = load_project(Path(tmp_path))
        providers = Providers(in_process={"gcp": GcpProvider.factory(failures)})
        return run(operation, loaded, loaded.stack("dev"), providers=providers, state_dir=tmp_path / "state")

    return go


def names(result, op):
    return [step.name for step in result.steps if step.op == op and step.type.startswith("gcp:")]


def test_a_cluster_comes_up_once_and_stays_the_same(evaluate):
    first = evaluate("up")
    assert (first.exit_code, [d.message for d in first.diagnostics]) == (0, [])
    assert len(names(first, "create")) == 6
    assert first.outputs["endpoint"].startswith("34.")
    assert first.duration >= 22 + 21 + 403 + 94, "network, cluster and nodes come one after the other, in virtual time"
    second = evaluate("up")
    assert (second.exit_code, len(names(second, "same"))) == (0, 6), "a fresh provider knows the world from the state"
    assert names(evaluate("preview", max=9), "update") == ["train"]
    other = evaluate("up", spot="true")
    assert (other.exit_code, names(other, "create-replacement"), names(other, "delete-replaced")) == (0, ["train"], ["train"])  # fmt: skip
    gone = evaluate("destroy")
    assert gone.exit_code == 0
    order = names(gone, "delete")
    assert order.index("train") < order.index("ml") < order.index("main"), "nodes, cluster, network"


def test_a_refused_input_is_named_with_resource_path_value_and_what_is_allowed(evaluate):
    result = evaluate("preview", machine="n2-standard-8")
    assert result.exit_code == 2
    message = " ".join(f"{d.urn} {d.message}" for d in result.diagnostics)
    for part in ("gcp:container/nodePool:NodePool::train", "nodeConfig.guestAccelerators[0].type", '"nvidia-l4" is not allowed'):  # fmt: skip
        assert part in message


def test_after_a_failure_the_next_run_makes_only_the_rest(evaluate):
    failed = evaluate("up", failures=["gcp:container/nodePool:NodePool::train"])
    assert failed.exit_code == 3
    assert "Error creating NodePool: googleapi: Error 500" in " ".join(d.message for d in failed.diagnostics)
    rest = evaluate("up")
    assert (rest.exit_code, names(rest, "create")) == (0, ["train"])


def test_a_protected_cluster_survives_a_destroy(evaluate):
    evaluate("up", protected="true")
    gone = evaluate("destroy", protected="true")
    assert gone.exit_code == 3
    assert "deletion_protection is set to true" in " ".join(d.message for d in gone.diagnostics)
    evaluate("up", protected="false")
    assert evaluate("destroy").exit_code == 0


def test_an_upgrade_that_skips_a_version_is_refused_in_a_preview_too(evaluate):
    evaluate("up")
    preview = evaluate("preview", version='"1.35"')
    assert preview.exit_code != 0
    assert "more than a minor version at a time" in " ".join(d.message for d in preview.diagnostics)
    assert names(evaluate("up", version='"1.34"'), "update") == ["ml"]
