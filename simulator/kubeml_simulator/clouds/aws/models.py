"""What AWS's published service models allow for a property: values, lengths, bounds and patterns.

`models.tsv` says which property has which shape; `models.json` holds those shapes as botocore's data files publish them. After a change of
either, run `python -m kubeml_simulator.clouds.aws.generate` where botocore is installed.
"""

from kubeml_simulator.clouds.common import Models, Shape
from kubeml_simulator.clouds.common.models import FILE, nearest

from .tables import TABLES

MODELS = Models(TABLES)
published = MODELS.published

__all__ = ["FILE", "MODELS", "Shape", "nearest", "published"]
