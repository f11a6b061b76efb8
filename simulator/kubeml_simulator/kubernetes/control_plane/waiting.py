"""Waits for what others bring about: asks again and again until it is so or the time is up."""

import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_PAUSE = 0.05


def until(ask: Callable[[], _T | None], *, seconds: float, otherwise: Callable[[], Exception]) -> _T:
    """Asks until the answer is neither None nor False and gives it; raises what `otherwise` makes after `seconds`.

    >>> answers = iter([None, None, "ready"])
    >>> until(lambda: next(answers), seconds=5, otherwise=TimeoutError)
    'ready'
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise otherwise()
        time.sleep(_PAUSE)
