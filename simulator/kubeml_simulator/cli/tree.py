"""The live tree on a terminal: resources under their parents, a bar, and the virtual clock.

It never is higher than the terminal: branches in which all is done are folded to one line first, then those that wait; a failure is
always in sight.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kubeml_simulator.cli.forest import DONE, FAILED, PLANNED, RUNNING, Forest, Node
from kubeml_simulator.cli.plain import diagnostic
from kubeml_simulator.preview.build import is_incidental
from kubeml_simulator.preview.signs import seconds, sign
from kubeml_simulator.preview.values import Redactor

if TYPE_CHECKING:
    from kubeml_simulator.engine.events import Step

_REFRESHES_A_SECOND = 8
_MESSAGES = 4  # the latest, a line each, while the run goes on
_MARK = {DONE: ("✓", "green"), FAILED: ("✗", "bold red"), RUNNING: ("•", "cyan"), PLANNED: ("·", "dim")}


class LiveTree:
    """A listener of the engine, and the renderable that shows what it has heard."""

    def __init__(self, operation: str, title: str, redact: Redactor | None = None) -> None:
        self._operation = operation
        self._title = title
        self._forest = Forest()
        self._messages: list[tuple[str, str]] = []
        self._redact = redact or Redactor()
        self._lock = RLock()  # the engine's threads write while rich's thread draws
        self._spinner = Spinner("dots", style="cyan")
        self._over = False

    def __call__(self, event: object) -> None:
        """Takes an event."""
        from kubeml_simulator.engine.events import Diagnostic, Summary

        with self._lock:
            step: Step | None = getattr(event, "step", None)
            if step is not None:
                self._redact.learn([step.old, step.new])
            if isinstance(event, Diagnostic) and str(event.severity) != "debug":
                line = diagnostic(str(event.severity), self._redact(event.message), event.urn, event.position)
                self._messages.append((str(event.severity), line))
            self._over = self._over or isinstance(event, Summary)
            if step is None or not is_incidental(step.urn):
                self._forest(event)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws the tree in the height that there is, all of it once the run is over."""
        with self._lock:
            if self._over:
                yield Group(self._tree(None), *(_coloured(*each) for each in self._messages))
                return
            recent = self._messages[-_MESSAGES:]
            room = max(4, (options.max_height or options.size.height) - len(recent) - 3)
            lines = [_coloured(severity, line.partition("\n")[0], short=True) for severity, line in recent]
            yield Group(self._tree(room), *lines, self._footer())

    def _tree(self, room: int | None) -> Tree:
        preview = self._operation == "preview"
        root = Tree(Text(self._title, style="bold"), guide_style="dim")
        folded = fold(self._forest.roots, room)

        def add(branch: Tree, nodes: list[Node]) -> None:
            for node in nodes:
                below = node.urn in folded
                twig = branch.add(label(node, preview=preview, folded=below))
                if not below:
                    add(twig, node.children)

        add(root, self._forest.roots)
        return root

    def _footer(self) -> Table:
        done, known = self._forest.counts()
        line = Table.grid(padding=(0, 1))
        texts = f"{done} of {known}", "" if self._operation == "preview" else f"virtual {seconds(self._forest.clock)}"
        line.add_row(self._spinner, ProgressBar(total=max(known, 1), completed=done, width=30), *texts)
        return line


def label(node: Node, *, preview: bool, folded: bool = False) -> Text:
    """Makes the line of a node: sign, type, name, and how far it is."""
    how = sign(node.op)
    text = Text.assemble((f"{how.glyph:<2} ", how.style), (node.type, "dim"), " ", (node.name, "bold"))
    if folded:
        below = node.walk()[1:]
        done = sum(each.state in {DONE, FAILED} for each in below)
        text.append(f"  {done} of {len(below)} below", style="dim")
    if node.changed and node.op in {"update", "replace"}:
        text.append(f"  ({', '.join(node.changed)})", style=how.style)
    if not preview and node.op != "same":
        mark, style = _MARK[node.state]
        text.append(f"  {mark} ", style=style)
        if node.state == DONE and node.seconds:
            text.append(seconds(node.seconds, measured=node.measured), style="dim")
        elif node.state == RUNNING:
            text.append(how.doing, style="cyan")
        elif node.state == FAILED:
            text.append("failed", style=style)
    return text


def _coloured(severity: str, text: str, *, short: bool = False) -> Text:
    style = {"error": "red", "warning": "yellow"}.get(severity, "")
    return Text(text, style=style, no_wrap=short, overflow="ellipsis" if short else None)


def fold(roots: list[Node], room: int | None) -> set[str]:
    """Makes the set of the nodes whose children are not drawn, so that the tree needs no more than `room` lines.

    >>> leaf = Node("c", "T", "c", "create", state=DONE)
    >>> fold([Node("p", "T", "p", "create", state=DONE, children=[leaf])], 1)
    {'p'}
    """
    if room is None:
        return set()
    folded: set[str] = set()
    height = sum(len(root.walk()) for root in roots)
    for state in (DONE, PLANNED, RUNNING):
        branches = [node for root in roots for node in root.walk() if node.children]
        # The deepest branches come last in a walk: fold from there, so that the upper ones keep their shape.
        for node in reversed(branches):
            if height <= room:
                return folded
            below = node.walk()[1:]
            if node.urn not in folded and all(_foldable(each, state) for each in below):
                folded.add(node.urn)
                hidden = {each.urn for each in below}
                height = sum(_height(root, folded) for root in roots)
                folded -= hidden
    return folded


def _foldable(node: Node, state: str) -> bool:
    return (
        node.state == DONE or (node.state == PLANNED and state != DONE) or (node.state == RUNNING and state == RUNNING)
    )


def _height(node: Node, folded: set[str]) -> int:
    return 1 if node.urn in folded else 1 + sum(_height(child, folded) for child in node.children)


@contextmanager
def shown_live(
    console: Console, operation: str, title: str, redact: Redactor | None = None
) -> Generator[Callable[[object], None]]:
    """Gives the listener of a live tree on `console`, drawn until the block ends; the last picture stays."""
    tree = LiveTree(operation, title, redact)
    with Live(tree, console=console, refresh_per_second=_REFRESHES_A_SECOND, vertical_overflow="visible"):
        yield tree
