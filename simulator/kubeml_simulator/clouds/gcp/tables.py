"""The tables beside this file."""

from kubeml_simulator.clouds.common import Tables

PACKAGE = "kubeml_simulator.clouds.gcp"
TABLES = Tables(PACKAGE)
rows = TABLES.rows
by_token = TABLES.by_token
