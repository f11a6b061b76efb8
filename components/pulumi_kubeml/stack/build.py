"""From the spec of a stack to its components: the cluster, the platform, the teams, what they serve and what they train."""

from collections.abc import Mapping

from pulumi_kubeml.addons import Platform, PlatformArgs
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.serving import ModelServer, ModelServerArgs
from pulumi_kubeml.stack.kinds import KINDS
from pulumi_kubeml.stack.model import NAME, StackSpec
from pulumi_kubeml.tenancy import Team, TeamArgs
from pulumi_kubeml.training import TFJob, TFJobArgs


def cluster(spec: StackSpec, name: str = NAME) -> Cluster:
    """Make the cluster with its pools; the cloud's SDK is loaded here and nowhere before."""
    return KINDS[spec.kind].make(name, spec.cluster)


def platform(spec: StackSpec, on: Cluster) -> Platform:
    """Make everything that is installed before anyone works in the cluster."""
    return Platform("platform", PlatformArgs(cluster=on, spec=spec.platform))


def teams(spec: StackSpec, on: Platform) -> dict[str, Team]:
    """Make the teams, by name."""
    return {each.name: Team(each.name, TeamArgs(platform=on, spec=each)) for each in spec.teams}


def serving(spec: StackSpec, of: Mapping[str, Team]) -> dict[str, ModelServer]:
    """Make the model servers, by name."""
    return {each.name: ModelServer(each.name, ModelServerArgs(team=of[each.team], spec=each)) for each in spec.serving}


def training(spec: StackSpec, of: Mapping[str, Team]) -> dict[str, TFJob]:
    """Make the jobs, by name."""
    return {each.name: TFJob(each.name, TFJobArgs(team=of[each.team], spec=each)) for each in spec.training}
