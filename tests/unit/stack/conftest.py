"""A stack that is right, to be made wrong."""

import copy

import pytest
import yaml


@pytest.fixture(scope="session")
def right(root):
    text = (root / "stacks" / "Pulumi.dev-eks.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)["config"]
    return {key.removeprefix("kubeml:"): value for key, value in config.items() if key.startswith("kubeml:")}


@pytest.fixture
def config(right):
    """The configuration of dev-eks, to change at will."""
    return copy.deepcopy(right)
