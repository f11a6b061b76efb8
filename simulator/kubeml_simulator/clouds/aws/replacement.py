"""Which changes force a replacement: `replace.tsv` row by row."""

from kubeml_simulator.clouds.common import Question, Replacement
from kubeml_simulator.clouds.common.replacement import CONDITIONS

from .tables import TABLES

REPLACEMENT = Replacement(TABLES)
forces = REPLACEMENT.forces
row_of = REPLACEMENT.row_of

__all__ = ["CONDITIONS", "REPLACEMENT", "Question", "forces", "row_of"]
