"""What components raise: all problems of their arguments, which Pulumi shows without a traceback."""

import pulumi

from pulumi_kubeml.problems import ConfigurationError


class InvalidArgs(ConfigurationError, pulumi.RunError):  # noqa: N818 - the word that Pulumi's users know
    """Arguments of a component that cannot work; raised before the component registers anything.

    >>> from pulumi_kubeml.problems import Problem
    >>> str(InvalidArgs([Problem("node_pools[0].min", "3 is above max 2")]))
    'node_pools[0].min  3 is above max 2'
    """
