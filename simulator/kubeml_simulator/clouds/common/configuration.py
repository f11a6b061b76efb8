"""The configuration of a provider: nested values travel in it as JSON texts."""

import json
from collections.abc import Mapping
from typing import Any

JSON_TEXT = ("{", "[", "true", "false")


def parsed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with nested values decoded.

    >>> parsed({"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}', "maxRetries": "3"})
    {'region': 'us-east-1', 'defaultTags': {'tags': {'a': 'b'}}, 'maxRetries': 3}
    """
    return {key: _decoded(value) for key, value in config.items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(JSON_TEXT):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 10 else value
