"""Progress without a terminal."""

from kubeml_simulator.cli.plain import PlainLines
from kubeml_simulator.engine.events import Finished, Planned, Step


def told(run, operation):
    lines = []
    listener = PlainLines(operation, lines.append)
    for event in run.events:
        listener(event)
    return lines


def test_up_writes_one_line_an_operation_with_the_virtual_time_at_which_it_ended(run):
    assert told(run, "up") == [
        "     0.0s +  created    shop:Web web",
        "     2.5s +  created    aws:ec2/vpc:Vpc net  (2.5 s)",
        "     1.0s ~  updated    aws:s3/bucket:Bucket logs  (~1 s)",
        "warning: aws:rds/instance:Instance db: the password is [secret]",
        "   602.5s x  failed     aws:rds/instance:Instance db: CreateDBInstance: [secret] is too short",
    ]


def test_a_preview_has_no_time_but_says_which_properties_change(run):
    assert told(run, "preview")[:3] == [
        "+  create             shop:Web web",
        "+  create             aws:ec2/vpc:Vpc net",
        "~  update             aws:s3/bucket:Bucket logs  (tags.team)",
    ]


def test_a_replacement_names_the_property_that_forces_it():
    lines = []
    step = Step(
        "replace", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net", "aws:ec2/vpc:Vpc", "net", replacing=("cidrBlock",)
    )
    PlainLines("preview", lines.append)(Planned(step))
    assert lines == ["+- replace            aws:ec2/vpc:Vpc net  (replaced by cidrBlock)"]


def test_what_stays_as_it_is_gets_no_line():
    lines = []
    step = Step("same", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net", "aws:ec2/vpc:Vpc", "net")
    for operation in ("preview", "up"):
        listener = PlainLines(operation, lines.append)
        listener(Planned(step))
        listener(Finished(step, 0, 0, measured=True))
    assert lines == [], "the summary counts what stays; a line each would hide what changes"


def test_no_line_holds_a_control_character(run):
    for line in told(run, "up"):
        assert line.isprintable()
