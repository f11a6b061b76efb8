"""The live tree."""

import re

import pytest

from kubeml_simulator.cli.forest import DONE, FAILED, PLANNED, Forest, Node
from kubeml_simulator.cli.tree import LiveTree, fold, shown_live


def drawn(run, paper, *, events, **size):
    tree = LiveTree("up", "shop dev")
    for event in events:
        tree(event)
    console = paper(**size)
    console.print(tree)
    return console.file.getvalue()


def test_resources_stand_under_their_parents_with_sign_state_and_virtual_time(run, paper):
    text = drawn(run, paper, events=run.events)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[:5] == [
        "shop dev",
        "├── +  shop:Web web  ✓",
        "│   ├── +  aws:ec2/vpc:Vpc net  ✓ 2.5 s",
        "│   └── +  aws:rds/instance:Instance db  ✗ failed",
        "└── ~  aws:s3/bucket:Bucket logs  (tags.team)  ✓ ~1 s",
    ]
    assert "4 of 4" in lines[-1]
    assert "virtual 602.5 s" in lines[-1]


def test_a_running_operation_says_what_is_being_done(run, paper):
    text = drawn(run, paper, events=run.events[:5])
    assert "aws:ec2/vpc:Vpc net  • creating" in text


def test_the_bar_goes_once_the_run_is_over(run, paper):
    assert "virtual" not in drawn(run, paper, events=[*run.events, run.over])


def test_no_secret_is_drawn(run, paper):
    text = drawn(run, paper, events=run.events)
    assert "[secret]" in text
    assert run.hush not in text


def test_a_terminal_gets_the_last_picture_in_full(run, paper):
    console = paper(terminal=True, height=12)
    with shown_live(console, "up", "shop dev") as listener:
        for event in [*run.events, run.over]:
            listener(event)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())
    assert "aws:ec2/vpc:Vpc net  ✓ 2.5 s" in plain
    assert run.hush not in plain


def branch(name, *children, state=DONE):
    return Node(name, "T", name, "create", state=state, children=list(children))


@pytest.mark.parametrize("room", range(4, 14))
def test_a_tree_is_never_higher_than_its_room_as_long_as_it_can_be_folded(room):
    roots = [branch(f"p{i}", *(branch(f"p{i}c{j}", state=(DONE, PLANNED)[i % 2]) for j in range(3))) for i in range(4)]
    folded = fold(roots, room)

    def height(node):
        return 1 if node.urn in folded else 1 + sum(map(height, node.children))

    assert sum(map(height, roots)) <= room


def test_a_failure_is_never_folded_away():
    root = branch("p", branch("c", branch("deep", state=FAILED)), branch("d", branch("done")))
    assert fold([root], 1) == {"d"}


def test_done_branches_are_folded_before_waiting_ones():
    waiting, done = branch("w", branch("w1", state=PLANNED), state=PLANNED), branch("d", branch("d1"))
    assert fold([waiting, done], 3) == {"d"}


def test_a_replacement_is_one_line_for_its_three_steps(run):
    from kubeml_simulator.engine.events import Finished, Planned, Step

    forest = Forest()
    for op, seconds in (("create-replacement", 5), ("replace", 0), ("delete-replaced", 2)):
        step = Step(op, run.vpc, "aws:ec2/vpc:Vpc", "net")
        forest(Planned(step))
        forest(Finished(step, 5 + seconds, seconds, measured=True))
    [node] = forest.roots
    assert (node.op, node.seconds, forest.counts()) == ("replace", 7, (1, 1))
