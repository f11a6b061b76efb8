"""The tables beside this file; `refused.tsv` says which updates the services refuse, `locations.tsv` and `roles.tsv` what the cloud has."""

from kubeml_simulator.clouds.common import Tables

PACKAGE = "kubeml_simulator.clouds.azure"
TABLES = Tables(PACKAGE)
rows = TABLES.rows
by_token = TABLES.by_token
