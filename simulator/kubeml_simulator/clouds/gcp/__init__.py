"""The simulated gcp provider: one project that exists only as long as the program runs.

Facts are tables beside the code, each row with its source: `types.tsv` (ids, automatic names), `outputs.tsv` (defaults and computed values),
`rules.tsv` (formats and references), `models.tsv` and `models.json` (published values), `replace.tsv` (what forces a replacement),
`durations.tsv`, `locations.tsv`, `agents.tsv` (who must be allowed to use a key), `pools.tsv` (what a node pool cannot have together),
`blocks.tsv` (what keeps a resource from being deleted). A service module holds what needs more than a row.
"""

from .provider import GcpProvider

__all__ = ["GcpProvider"]
