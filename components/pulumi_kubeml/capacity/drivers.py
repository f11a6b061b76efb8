"""What storage drivers can do, as `data/volume_drivers.csv` has it: access modes, and the label by which their volumes have a zone."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

NO_DRIVER = "kubernetes.io/no-provisioner"
"""What a class names whose volumes somebody makes by hand."""


def driver(provisioner: Any) -> Mapping[str, str]:
    """Make the row of a storage driver; empty for one that the table does not know.

    >>> driver("ebs.csi.aws.com")["zone_key"], driver("efs.csi.aws.com")["zone_key"], driver("example.com/disks")
    ('topology.ebs.csi.aws.com/zone', '', {})
    """
    return next((row for row in _rows() if row["provisioner"] == provisioner), {})


def is_zonal(provisioner: Any) -> bool:
    """Whether a volume of a driver can be used in one zone only; one that nobody knows may be so.

    >>> is_zonal("pd.csi.storage.gke.io"), is_zonal("filestore.csi.storage.gke.io"), is_zonal("example.com/disks")
    (True, False, True)
    """
    row = driver(provisioner)
    return bool(row["zone_key"]) if row else True


@cache
def zone_keys() -> frozenset[str]:
    """Make the labels by which drivers name the zone of a node."""
    return frozenset(row["zone_key"] for row in _rows() if row["zone_key"])


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (files("pulumi_kubeml.capacity") / "data" / "volume_drivers.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
