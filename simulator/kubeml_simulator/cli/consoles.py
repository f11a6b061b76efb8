"""Where text goes: rich consoles that take no markup from what they print, and put no line break where no terminal asks for one."""

import os
import sys
from typing import TextIO

from rich.console import Console

_WIDTH = 160  # of tables, where no terminal gives a width


def console(stream: TextIO | None = None) -> Console:
    """Makes the console of a stream, by default stdout; only a terminal gets colours."""
    target = sys.stdout if stream is None else stream
    terminal = target.isatty()
    return Console(
        file=target,
        markup=False,
        emoji=False,
        highlight=False,
        width=None if terminal else _WIDTH,
        force_terminal=terminal,
        no_color=True if "NO_COLOR" in os.environ else None,
    )


def live(screen: Console) -> bool:
    """Whether a picture can be redrawn here."""
    return screen.is_terminal and not screen.is_dumb_terminal
