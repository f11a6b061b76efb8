"""The simulated azure-native provider: one subscription that exists only as long as the program runs.

Facts are tables beside the code, each row with its source: `types.tsv` (ids, automatic names), `outputs.tsv` (defaults and computed values),
`rules.tsv` (formats and references), `replace.tsv` (what forces a replacement), `refused.tsv` (updates that azure-native sends and the
services refuse), `holds.tsv` (what cannot be deleted while it is used), `permissions.tsv` (roles that a cluster's identity needs first),
`durations.tsv`, `locations.tsv`, `lustre.tsv`. The values of enumerated properties are those of the enum classes in the installed SDK. A
service module holds what needs more than a row.
"""

from .provider import AzureProvider

__all__ = ["AzureProvider"]
