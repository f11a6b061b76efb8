"""What the platform installs into a cluster: one file an add-on, and the component that owns every release.

Another add-on is one row of the chart table and a few lines:

>>> from pulumi_kubeml.addons import STANDARD, Addon
>>> dns = Addon(
...     name="external-dns",
...     requires=("prometheus-operator-crds",),
...     values=lambda _cluster, _spec: {"policy": "upsert-only", "serviceMonitor": {"enabled": True}},
... )
>>> dns.name in {addon.name for addon in STANDARD}
False
"""

from pulumi_kubeml.addons.contract import Addon, PlatformSpec, on_system
from pulumi_kubeml.addons.platform import Platform, PlatformArgs
from pulumi_kubeml.addons.standard import STANDARD

__all__ = ["STANDARD", "Addon", "Platform", "PlatformArgs", "PlatformSpec", "on_system"]
