"""How specs are written in a stack file: keys in camelCase, none unknown, each with its documentation for an editor."""

from typing import Any

from pulumi_kubeml.names import camel

IN_STACK_FILES: dict[str, Any] = {
    "alias_generator": camel,
    "extra": "forbid",
    "populate_by_name": True,
    "use_attribute_docstrings": True,
}
"""What a spec says to pydantic, as its `__pydantic_config__`; the spec itself needs no pydantic."""
