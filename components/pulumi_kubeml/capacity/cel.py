"""Device selectors of claims and classes, as far as they can be decided: what compares known attributes with constants.

Of CEL these are read: `&&`, `!`, parentheses, `device.driver`, `device.attributes["DOMAIN"].NAME`, `device.capacity["DOMAIN"].NAME` with
`compareTo`, `isGreaterThan`, `isLessThan` and `quantity`, `in`, comparisons, texts, whole numbers, `true` and `false`. Anything else is
no error: it cannot be decided, and whoever asks is told so.

>>> known = {"gpu.nvidia.com/type": "gpu"}
>>> selector('device.driver == "gpu.nvidia.com" && device.attributes["gpu.nvidia.com"].type == "gpu"')(Facts("gpu.nvidia.com", known))
True
>>> print(selector('device.attributes["gpu.nvidia.com"].index < 2')(Facts("gpu.nvidia.com", known)))
None
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from pulumi_kubeml.capacity.quantity import QuantityError, parse

Verdict = bool | None
"""Whether a device is taken; None when that cannot be decided."""

_TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\])*"|'(?:[^'\\])*')|(-?[0-9]+)|([A-Za-z_][A-Za-z0-9_]*)|(&&|==|!=|<=|>=|[<>!()\[\].,]))"""
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_METHODS: Mapping[str, Callable[[Any, Any], Any]] = {
    "compareTo": lambda left, right: (left > right) - (left < right),
    "isGreaterThan": gt,
    "isLessThan": lt,
}


class UndecidableError(ValueError):
    """A selector that is not among those that can be decided."""


@dataclass(frozen=True)
class Facts:
    """What is known of a device: its driver, attributes and capacities by full name (`DOMAIN/NAME`)."""

    driver: str
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])
    capacity: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    complete: bool = False
    """Whether it has no other attributes than these."""


_Value = Callable[[Facts], Any]
"""What an expression is for a device; None when that cannot be told."""


@cache
def selector(expression: str) -> Callable[[Facts], Verdict]:
    """Make what decides about devices of an expression; raises UndecidableError for one that cannot be decided at all."""
    reader = _Reader(expression)
    made = reader.conjunction()
    if reader.head:
        raise UndecidableError(f'"{reader.head}" cannot be decided')

    def decide(facts: Facts) -> Verdict:
        found = made(facts)
        return found if isinstance(found, bool) else None

    return decide


class _Reader:
    """Reads one expression, token by token."""

    def __init__(self, expression: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while expression[at:].strip():
            match = _TOKEN.match(expression, at)
            if match is None:
                raise UndecidableError(f'"{expression[at:].strip()}" cannot be decided')
            self._tokens.append(match[0].strip())
            at = match.end()
        self._tokens.append("")

    @property
    def head(self) -> str:
        return self._tokens[0]

    def take(self, wanted: str = "") -> str:
        if wanted and self.head != wanted:
            raise UndecidableError(f'"{self.head or "the end"}" cannot be decided, where "{wanted}" would be')
        return self._tokens.pop(0)

    def conjunction(self) -> _Value:
        parts = [self._comparison()]
        while self.head == "&&":
            self.take()
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else lambda facts: _all([part(facts) for part in parts])

    def _comparison(self) -> _Value:
        left = self._unary()
        if self.head == "in":
            self.take()
            return self._contained(left)
        if self.head not in _COMPARE:
            return left
        operator, right = self.take(), self._unary()
        return lambda facts: _compared(operator, left(facts), right(facts))

    def _unary(self) -> _Value:
        if self.head == "!":
            self.take()
            inner = self._unary()
            return lambda facts: None if not isinstance(inner(facts), bool) else not inner(facts)
        if self.head == "(":
            self.take()
            inner = self.conjunction()
            self.take(")")
            return self._methods(inner)
        return self._methods(self._primary())

    def _primary(self) -> _Value:
        head = self.take()
        if head[:1] in {'"', "'"}:
            return lambda _: head[1:-1]
        if head.lstrip("-").isdecimal():
            return lambda _: int(head)
        if head in {"true", "false"}:
            return lambda _: head == "true"
        if head == "quantity":
            return self._quantity()
        if head == "device":
            return self._device()
        raise UndecidableError(f'"{head or "the end"}" cannot be decided')

    def _quantity(self) -> _Value:
        self.take("(")
        text = self._text()
        self.take(")")
        try:
            amount = parse(text)
        except QuantityError as error:
            raise UndecidableError(str(error)) from None
        return lambda _: amount

    def _device(self) -> _Value:
        self.take(".")
        what = self.take()
        if what == "driver":
            return lambda facts: facts.driver
        if what not in {"attributes", "capacity"} or self.head != "[":
            raise UndecidableError(f'"device.{what}" cannot be decided')
        self.take("[")
        domain = self._text()
        self.take("]")
        name = f"{domain}/{self._name()}"
        return lambda facts: (facts.attributes if what == "attributes" else facts.capacity).get(name)

    def _name(self) -> str:
        if self.head == "[":
            self.take()
            name = self._text()
            self.take("]")
            return name
        self.take(".")
        return self.take()

    def _methods(self, value: _Value) -> _Value:
        while self.head == ".":
            self.take()
            name = self.take()
            if name not in _METHODS:
                raise UndecidableError(f'".{name}" cannot be decided')
            self.take("(")
            other = self.conjunction()
            self.take(")")
            value = _called(_METHODS[name], value, other)
        return value

    def _contained(self, left: _Value) -> _Value:
        self.take("device")
        self.take(".")
        what = self.take()
        if what not in {"attributes", "capacity"}:
            raise UndecidableError(f'"in device.{what}" cannot be decided')
        domain = ""
        if self.head == "[":
            self.take()
            domain = self._text()
            self.take("]")

        def inside(facts: Facts) -> Verdict:
            names = facts.attributes if what == "attributes" else facts.capacity
            wanted = f"{domain}/{left(facts)}" if domain else f"{left(facts)}/"
            found = wanted in names if domain else any(name.startswith(wanted) for name in names)
            return True if found else (False if facts.complete else None)

        return inside

    def _text(self) -> str:
        head = self.take()
        if head[:1] not in {'"', "'"}:
            raise UndecidableError(f'"{head or "the end"}" cannot be decided, where a text would be')
        return head[1:-1]


def _all(parts: list[Any]) -> Verdict:
    """Whether all hold: one that does not decides, whatever cannot be told of the others."""
    if any(part is False for part in parts):
        return False
    return True if all(part is True for part in parts) else None


def _compared(operator: str, left: Any, right: Any) -> Verdict:
    """Compare two values; of different kinds they are not equal, and neither is the larger one."""
    if left is None or right is None:
        return None
    alike = type(left) is type(right)
    if operator in {"==", "!="}:
        return (alike and left == right) == (operator == "==")
    return bool(_COMPARE[operator](left, right)) if alike and not isinstance(left, bool) else None


def _called(method: Callable[[Any, Any], Any], value: _Value, other: _Value) -> _Value:
    def call(facts: Facts) -> Any:
        left, right = value(facts), other(facts)
        return method(left, right) if isinstance(left, Fraction) and isinstance(right, Fraction) else None

    return call
