"""Kubernetes quantities as exact integers: millicores for CPU, bytes or devices for everything else.

The grammar is the one of the API reference (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/,
2026-09): a signed decimal number with a binary suffix (Ki to Ei), a decimal suffix (n to E) or an exponent. As there,
a fraction of the unit is rounded away from zero, and a magnitude over 2^63-1 is cut to it.

>>> amount("cpu", "1.5"), amount("memory", "2Gi"), amount("nvidia.com/gpu", "4")
(1500, 2147483648, 4)
>>> show("cpu", 1500), show("memory", 2147483648), show("nvidia.com/gpu", 4)
('1500m', '2Gi', '4')
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

MAX = 2**63 - 1
KI, MI, GI = 2**10, 2**20, 2**30

_BINARY = {"Ei": 2**60, "Pi": 2**50, "Ti": 2**40, "Gi": GI, "Mi": MI, "Ki": KI}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SCALE = {**{suffix: Fraction(10) ** power for suffix, power in _DECIMAL.items()}, **_BINARY}
_GRAMMAR = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,3})|([EPTGMK]i|[numkMGTPE]?))", re.ASCII
)


class QuantityError(ValueError):
    """A text that is no quantity; the message gives the value and what is allowed."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f'"{value}" is not a quantity: a number with one of n u m k M G T P E or Ki Mi Gi Ti Pi Ei, '
            "or an exponent such as e3"
        )


def parse(value: str | float) -> Fraction:
    """Make the exact value of a quantity in its own unit (cores, bytes, devices).

    Raises QuantityError for anything that the API server would refuse; a boolean is no quantity.

    >>> parse("100m"), parse("1.5Gi"), parse("2e3")
    (Fraction(1, 10), Fraction(1610612736, 1), Fraction(2000, 1))
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise QuantityError(value)
    return _parse(value if isinstance(value, str) else repr(value))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Fraction:
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise QuantityError(text)
    number, exponent, suffix = match.groups()
    exact = Fraction(number) * (Fraction(10) ** int(exponent) if exponent else _SCALE[suffix])
    return max(Fraction(-MAX), min(Fraction(MAX), exact))


def amount(resource: str, value: str | float) -> int:
    """Make the integer that arithmetic uses: millicores for a CPU key, the whole unit for any other, rounded away from zero.

    `resource` may carry a quota's prefix (`requests.cpu`). Raises QuantityError.

    >>> amount("requests.cpu", "0.0001"), amount("memory", "0.5"), amount("pods", 110.0)
    (1, 1, 110)
    """
    exact = parse(value) * (1000 if is_cpu(resource) else 1)
    return -(-exact.numerator // exact.denominator) if exact >= 0 else exact.numerator // exact.denominator


def amounts(quantities: Mapping[str, str | float]) -> dict[str, int]:
    """Make integers of a whole resource list.

    >>> amounts({"cpu": 1, "memory": "2Gi"})
    {'cpu': 1000, 'memory': 2147483648}
    """
    return {resource: amount(resource, value) for resource, value in quantities.items()}


def show(resource: str, value: int) -> str:
    """Make the shortest exact text of an integer amount, the way kubectl prints it.

    >>> show("cpu", 2000), show("limits.memory", 7 * 2**20), show("memory", 1000), show("requests.nvidia.com/gpu", 2048)
    ('2', '7Mi', '1000', '2048')
    """
    if is_cpu(resource):
        return f"{value}m" if value % 1000 else str(value // 1000)
    if value and is_bytes(resource):
        for suffix, size in _BINARY.items():
            if value % size == 0:
                return f"{value // size}{suffix}"
    return str(value)


def is_cpu(resource: str) -> bool:
    """Whether amounts of this resource, or of a quota on it, are millicores."""
    return resource in {"cpu", "requests.cpu", "limits.cpu"}


def is_bytes(resource: str) -> bool:
    """Whether amounts of this resource, or of a quota on it, are bytes."""
    name = resource.rpartition(".")[2]
    return name in {"memory", "ephemeral-storage", "storage"} or name.startswith("hugepages-")
