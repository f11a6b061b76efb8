"""What Google's discovery documents allow for a property: values and patterns.

`models.tsv` says which property has which field of which schema; `models.json` holds those fields as the documents publish them. After a change
of either, run `python -m kubeml_simulator.clouds.gcp.generate` where google-api-python-client, which carries the documents, is installed.
"""

from kubeml_simulator.clouds.common import Models
from kubeml_simulator.clouds.common.models import FILE

from .tables import TABLES

MODELS = Models(TABLES)
published = MODELS.published

__all__ = ["FILE", "MODELS", "published"]
