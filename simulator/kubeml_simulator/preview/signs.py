"""Signs, colours and words of operations, the same wherever one is shown."""

from typing import NamedTuple


class Sign(NamedTuple):
    """How an operation is written: a sign of at most two columns, rich's name of its colour, the word while and after it runs."""

    glyph: str
    style: str
    doing: str
    done: str


_SIGNS = {
    "create": Sign("+", "green", "creating", "created"),
    "update": Sign("~", "yellow", "updating", "updated"),
    "replace": Sign("+-", "magenta", "replacing", "replaced"),
    "create-replacement": Sign("++", "magenta", "creating the replacement of", "replacement created"),
    "delete-replaced": Sign("--", "magenta", "deleting the replaced", "replaced deleted"),
    "delete": Sign("-", "red", "deleting", "deleted"),
    "discard": Sign("<", "red", "forgetting", "forgotten"),
    "read": Sign(">", "cyan", "reading", "read"),
    "import": Sign("=", "green", "importing", "imported"),
    "refresh": Sign("~", "cyan", "refreshing", "refreshed"),
    "same": Sign(" ", "dim", "leaving", "unchanged"),
}


def sign(op: str) -> Sign:
    """Makes the sign of an operation; one that is not known is named by itself.

    >>> sign("create").glyph, sign("create").done
    ('+', 'created')
    >>> sign("adopt").done
    'adopt'
    """
    return _SIGNS.get(op) or Sign("?", "bold", op, op)


def seconds(value: float, *, measured: bool = True) -> str:
    """Writes virtual seconds; `~` before one that nobody measured.

    >>> seconds(612), seconds(1, measured=False), seconds(75.25)
    ('612 s', '~1 s', '75.2 s')
    """
    return f"{'' if measured else '~'}{value:,.1f}".removesuffix(".0") + " s"
