"""Where a cluster is: project, region and zones, asked of the provider that makes the cluster."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.gke.args import GkeClusterArgs
from pulumi_kubeml.clusters.gke.check import ZONES
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import Problem, listed


@dataclass(frozen=True)
class Place:
    """One region of one project."""

    project: str
    number: str
    """The project's number, which is in the names of Google's own accounts."""
    region: str
    zones: tuple[str, ...]

    @property
    def workload_pool(self) -> str:
        """The pool of the identities of Kubernetes service accounts; all clusters of the project share it."""
        return f"{self.project}.svc.id.goog"

    def principal(self, namespace: str, service_account: str) -> str:
        """Make the member that one Kubernetes service account is in policies.

        >>> Place("shop", "1234", "us-central1", ()).principal("research", "loader")
        'principal://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/shop.svc.id.goog/subject/ns/research/sa/loader'
        """
        pool = f"projects/{self.number}/locations/global/workloadIdentityPools/{self.workload_pool}"
        return f"principal://iam.googleapis.com/{pool}/subject/ns/{namespace}/sa/{service_account}"

    def agent(self, service: str) -> str:
        """Make the member that one of Google's services is when it acts for the project.

        (https://cloud.google.com/iam/docs/service-agents, 2026-09.)

        >>> Place("shop", "1234", "us-central1", ()).agent("compute-system")
        'serviceAccount:service-1234@compute-system.iam.gserviceaccount.com'
        """
        return f"serviceAccount:service-{self.number}@{service}.iam.gserviceaccount.com"


def locate(args: GkeClusterArgs, opts: pulumi.InvokeOptions) -> Place:
    """Ask; the answers are known in a preview too. InvalidArgs says what neither the arguments nor the provider tell."""
    client = gcp.organizations.get_client_config(opts=opts)
    region = args.region or client.region
    if not region:
        why = "not given, and the provider has none; give it, or set gcp:region"
        raise InvalidArgs([Problem("region", why)])
    project = gcp.organizations.get_project(project_id=client.project, opts=opts)
    zones = tuple(args.zones or _first_zones(client.project, region, opts))
    return Place(client.project, project.number, region, zones)


def _first_zones(project: str, region: str, opts: pulumi.InvokeOptions) -> list[str]:
    names = sorted(gcp.compute.get_zones(project=project, region=region, status="UP", opts=opts).names)
    if len(names) < ZONES:
        message = f"region {region} has {len(names)} that are up ({listed(names)}), and a cluster needs {ZONES}"
        raise InvalidArgs([Problem("zones", message)])
    return names[:ZONES]
