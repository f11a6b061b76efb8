"""Progress without a terminal."""

import pytest

from kubeml_simulator.cli.plain import written
from kubeml_simulator.engine.events import Diagnostic, Finished, Planned, Step


def told(run, operation):
    lines = []
    with written(operation, lines.append) as listener:
        for event in run.events:
            listener(event)
    return lines


def test_up_writes_one_line_an_operation_with_the_virtual_time_at_which_it_ended(run):
    assert told(run, "up") == [
        "warning: aws:rds/instance:Instance db: the password is [secret]",
        "     0.0s +  created    shop:Web web",
        "     1.0s ~  updated    aws:s3/bucket:Bucket logs  (~1 s)",
        "     2.5s +  created    aws:ec2/vpc:Vpc net  (2.5 s)",
        "   602.5s x  failed     aws:rds/instance:Instance db",
        "error: aws:rds/instance:Instance db: CreateDBInstance: [secret] is too short",
    ]


def test_a_preview_has_no_time_but_says_which_properties_change(run):
    assert told(run, "preview")[1:4] == [
        "+  create             shop:Web web",
        "~  update             aws:s3/bucket:Bucket logs  (tags.team)",
        "+  create             aws:ec2/vpc:Vpc net",
    ]


def test_a_replacement_names_the_property_that_forces_it():
    lines = []
    step = Step(
        "replace", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net", "aws:ec2/vpc:Vpc", "net", replacing=("cidrBlock",)
    )
    with written("preview", lines.append) as listener:
        listener(Finished(step, 0, 0, measured=True))
    assert lines == ["+- replace            aws:ec2/vpc:Vpc net  (replaced by cidrBlock)"]


def test_what_stays_as_it_is_gets_no_line():
    lines = []
    step = Step("same", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net", "aws:ec2/vpc:Vpc", "net")
    for operation in ("preview", "up"):
        with written(operation, lines.append) as listener:
            listener(Planned(step))
            listener(Finished(step, 0, 0, measured=True))
    assert lines == [], "the summary counts what stays; a line each would hide what changes"


def test_no_line_holds_a_control_character(run):
    for line in told(run, "up"):
        assert line.isprintable()


def test_lines_are_in_the_order_of_virtual_time_whatever_that_of_the_events(run):
    done = [event for event in run.events if isinstance(event, Finished)]
    orders = []
    for events in (done, done[::-1]):
        lines = []
        with written("up", lines.append) as listener:
            for event in events:
                listener(event)
        orders.append(lines)
    assert orders[0] == orders[1]
    assert len(orders[0]) == 3


def broken_off(lines, event):
    with written("up", lines.append) as listener:
        listener(event)
        raise KeyboardInterrupt


def test_what_was_done_is_written_even_if_the_run_is_broken_off(run):
    lines = []
    with pytest.raises(KeyboardInterrupt):
        broken_off(lines, run.events[2])
    assert lines == ["     0.0s +  created    shop:Web web"]


def test_a_message_names_its_place_in_the_program_once():
    lines = []
    with written("preview", lines.append) as listener:
        listener(Diagnostic("warning", "no digest\nsecond line", "", "infra/web.py:12"))
        listener(Diagnostic("error", "the zone is wrong", "", "__main__.py:7"))
        listener(Diagnostic("error", "the first is at __main__.py:9", "", "__main__.py:9"))
    assert lines == [
        "warning: no digest  (infra/web.py:12)\n  second line",
        "error: the zone is wrong  (__main__.py:7)",
        "error: the first is at __main__.py:9",
    ]
