"""The simulated aws provider: one account that exists only as long as the program runs.

Facts are tables beside the code, each row with its source: `types.tsv` (ids, ARNs, automatic names), `outputs.tsv` (defaults and computed
values), `rules.tsv` (formats and references), `models.tsv` and `models.json` (published values and bounds), `replace.tsv` (what forces a
replacement), `durations.tsv`, `images.tsv`, `regions.tsv`. A service module holds what needs more than a row.
"""

from .provider import AwsProvider

__all__ = ["AwsProvider"]
