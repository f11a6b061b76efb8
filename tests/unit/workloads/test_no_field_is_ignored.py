"""Every field that a user may set changes what is made: a switch that does nothing is worse than none."""

import dataclasses

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from pulumi_kubeml.addons import STANDARD, Addon, Platform, PlatformArgs, PlatformSpec, on_system
from pulumi_kubeml.catalog.charts import chart
from pulumi_kubeml.clusters.contract import Cluster, WorkloadIdentity
from pulumi_kubeml.nodes import NodePoolSpec, Placement, TimeSlicing, resolve
from pulumi_kubeml.observability import ExternalMetric
from pulumi_kubeml.serving import AutoscalingSpec, MetricTarget, ModelServer, ModelServerArgs, ModelServerSpec
from pulumi_kubeml.storage.claims import ClaimSpec
from pulumi_kubeml.tenancy import Team, TeamArgs, TeamSpec
from pulumi_kubeml.training import RoleSpec, TFJob, TFJobArgs, TFJobSpec


class Recorder(pulumi.runtime.Mocks):
    """Keeps what is registered; every output is the input."""

    def __init__(self):
        self.seen = {}

    def new_resource(self, args):
        self.seen[args.typ, args.name] = args.inputs
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


class AnyCluster(Cluster):
    """A cluster that is only its contract."""

    kind, cloud, built_in = "eks", "aws", frozenset()

    def __init__(self):
        super().__init__("test:index:Cluster", "ml")
        child = pulumi.ResourceOptions(parent=self)
        self.cluster_name = self.region = self.network_id = pulumi.Output.from_input("ml")
        self.environment, self.tags = "dev", {"environment": "dev", "cost-center": "platform"}
        self.provider = kubernetes.Provider("kubernetes", kubeconfig="{}", opts=child)
        specs = [
            NodePoolSpec("general", machine="m7i.2xlarge", max=9),
            NodePoolSpec("serve", accelerator="l4", max=9),
            NodePoolSpec("train", accelerator="a10g", accelerators_per_node=4, max=9),
            NodePoolSpec("wide", accelerator="l4", accelerators_per_node=4, max=9),
            NodePoolSpec("notebooks", accelerator="t4", max=2, sharing=TimeSlicing(4)),
        ]
        self.node_pools = tuple(resolve(spec, "aws") for spec in specs)
        self.system = Placement({"kubeml.io/pool": "system"}, [], {}, {})
        self.storage = {"block": "block", "shared": "shared"}
        self.storage_classes = {
            key: pulumi.ComponentResource("test:index:Class", key, None, child) for key in self.storage
        }
        self.ready, self.nodes = [], {}

    def workload_identity(self, name, *, namespace, service_account, policy, opts=None):
        return WorkloadIdentity({"role": service_account}, ())


SCALING = AutoscalingSpec(min=2, max=4, cpu=70)
SERVER = ModelServerSpec(
    "model", team="research", pool="serve", image="registry.example.com/model:v1", port=8000, autoscaling=SCALING
)
ROLE = RoleSpec(pool="train", limits={"cpu": "4", "memory": "8Gi"}, accelerators=2)
JOB = TFJobSpec("job", team="research", image="registry.example.com/job:v1", command=["python"], worker=ROLE)
TEAM = TeamSpec("research", members=["ml"], serving_gpus={"l4": 4})
CLAIM = ClaimSpec("data", "/data", size="10Gi")
METRIC = ExternalMetric(name="requests_per_second", counter="http_requests_total")


def others(spec, **values):
    """The spec with another value of each field; a new field must get one here."""
    fields = {each.name for each in dataclasses.fields(spec) if each.init}
    assert set(values) == fields - {"name", "team"}, "a field has no other value to try"
    return {key: dataclasses.replace(spec, **{key: value}) for key, value in values.items()}


def in_server(**changes):
    return dataclasses.replace(SERVER, **changes)


SERVERS = {
    "usual": SERVER,
    "claimed": in_server(claims=[CLAIM]),
    **others(
        SERVER,
        pool="train",
        image="registry.example.com/model:v2",
        port=9000,
        replicas=3,
        autoscaling=None,
        requests={"cpu": "1"},
        limits={"cpu": "3", "memory": "5Gi"},
        accelerators=1,
        env={"A": "b"},
        claims=[CLAIM],
        probe_path="/healthz",
        start_seconds=30,
        metrics_path="/m",
        user=1001,
        service_port=81,
        exposure="cluster",
        callers=["10.1.0.0/16"],
    ),
    **{
        f"autoscaling.{key}": in_server(autoscaling=each)
        for key, each in others(
            SCALING, min=1, max=5, cpu=71, memory=80, metrics=[MetricTarget("requests_per_second", 5)]
        ).items()
    },
}
CLAIMS = {
    f"claims.{key}": in_server(claims=[each])
    for key, each in others(CLAIM, path="/other", size=None, purpose="block", read_only=True).items()
}
JOBS = {
    "usual": JOB,
    **others(
        JOB,
        image="registry.example.com/job:v2",
        command=["sh"],
        worker=dataclasses.replace(ROLE, replicas=2),
        chief=ROLE,
        parameter_server=ROLE,
        env={"A": "b"},
        claims=[CLAIM],
        user=1001,
        restart_policy="Never",
        backoff_limit=4,
        clean_pod_policy="All",
        deadline_hours=1,
        keep_hours=1,
    ),
    **{
        f"worker.{key}": dataclasses.replace(JOB, worker=each)
        for key, each in others(
            ROLE, pool="wide", replicas=2, limits={"cpu": "3", "memory": "9Gi"}, requests={"cpu": "1"}, accelerators=1
        ).items()
    },
}
TEAMS = {
    "usual": TEAM,
    **others(
        TEAM,
        members=["others"],
        viewers=["guests"],
        operators=["ops"],
        serving_gpus={"l4": 5},
        training_gpus={"a10g": 1},
        gpu_shares={"notebooks": 2},
        cpu="33",
        memory="129Gi",
        storage="2Ti",
        claims=21,
        load_balancers=3,
        owner="somebody",
        cost_center="elsewhere",
        pod_security="baseline",
    ),
}
PLATFORMS = {
    "usual": PlatformSpec(),
    **others(
        PlatformSpec(),
        metrics_retention_days=16,
        metrics_storage_gib=101,
        metrics_replicas=1,
        external_metrics=[METRIC, ExternalMetric(name="tokens", counter="tokens_total")],
    ),
}


DNS = Addon(name="external-dns", values=lambda cluster, _: {"policy": "sync", **on_system(cluster)})
OWN = Addon(
    name="own",
    requires=("external-dns",),
    chart=dataclasses.replace(chart("external-dns"), key="own", chart="own", namespace="own", version="1.2.3"),
)


@pytest.fixture(scope="module")
def made():
    """What each case makes, all in one program: by component and case, inputs by what is left of the name."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="kubeml", stack="dev")

    @pulumi.runtime.test
    def build():
        cluster = AnyCluster()
        installed = [
            Platform(f"platform/{case}/", PlatformArgs(cluster=cluster, spec=spec)) for case, spec in PLATFORMS.items()
        ]
        addons = [*STANDARD, DNS, OWN]
        Platform("platform/more/", PlatformArgs(cluster=cluster, addons=addons))
        teams = [Team(f"team/{case}/", TeamArgs(platform=installed[0], spec=spec)) for case, spec in TEAMS.items()]
        for case, spec in {**SERVERS, **CLAIMS}.items():
            ModelServer(f"server/{case}/", ModelServerArgs(team=teams[0], spec=spec))
        for case, spec in JOBS.items():
            TFJob(f"job/{case}/", TFJobArgs(team=teams[0], spec=spec))

    build()
    found = {}
    for (kind, name), inputs in recorder.seen.items():
        if name.count("/") == 2:
            component, case, rest = name.split("/")
            found.setdefault((component, case), {})[kind, rest] = inputs
    return found


@pytest.mark.parametrize(
    ("component", "case", "base"),
    [
        *(("server", case, "usual") for case in SERVERS if case not in {"usual", "claimed"}),
        *(("server", case, "claimed") for case in CLAIMS),
        *(("job", case, "usual") for case in JOBS if case != "usual"),
        *(("team", case, "usual") for case in TEAMS if case != "usual"),
        *(("platform", case, "usual") for case in PLATFORMS if case != "usual"),
    ],
)
def test_every_field_is_heard(made, component, case, base):
    assert len(made[component, base]) > 2, "nothing to compare with"
    assert made[component, case] != made[component, base], f"{case} of a {component} changes nothing"


def test_equal_specs_make_equal_objects(made):
    assert made["server", "claims"] == made["server", "claimed"]


def test_an_identity_that_works_by_annotation_reaches_each_chart_where_it_looks(made):
    values = {name: inputs["values"] for (kind, name), inputs in made["platform", "usual"].items() if "Release" in kind}
    balancer, autoscaler = values["-aws-load-balancer-controller"], values["-cluster-autoscaler"]
    assert balancer["serviceAccount"]["annotations"] == {"role": "aws-load-balancer-controller"}
    assert autoscaler["rbac"]["serviceAccount"]["annotations"] == {"role": "cluster-autoscaler"}
    assert autoscaler["rbac"]["serviceAccount"]["name"] == "cluster-autoscaler", "nothing else may get lost"


def test_an_add_on_of_ones_own_gets_a_release_and_a_closed_namespace(made):
    more, usual = made["platform", "more"], made["platform", "usual"]
    new = {
        f"{kind.rpartition(':')[2]} {name}": inputs
        for (kind, name), inputs in more.items()
        if (kind, name) not in usual
    }
    release = new["Release -external-dns"]
    assert (release["chart"], release["version"], release["namespace"]) == ("external-dns", "1.21.1", "external-dns")
    assert release["values"] == {"policy": "sync", "nodeSelector": {"kubeml.io/pool": "system"}, "tolerations": []}
    assert new["Release -own"]["version"] == "1.2.3"
    assert new["Namespace -own"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    assert new["NetworkPolicy -own-default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
