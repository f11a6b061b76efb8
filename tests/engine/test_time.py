"""Virtual time: an operation starts when all it depends on has ended, and nothing sleeps."""

import time

import pytest

SECONDS = {"x": 600.0, "y": 30.0, "z": 5.0, "free": 100.0}


@pytest.fixture
def timed(desk):
    """A desk whose provider knows how long each thing takes, by its value."""

    class Timed(desk.provider):
        def latency(self, token, op, inputs):
            return SECONDS[inputs["tags"]["name"]] / (10 if op == "delete" else 1), op == "create"

    desk.provider = Timed
    desk.write("""
        def thing(name, opts=None, **props):
            return Thing(name, opts, tags={"name": name}, **props)
        x = thing("x", value="one")
        y = thing("y", value=x.stamp)
        thing("z", pulumi.ResourceOptions(depends_on=[y]), value="v")
        thing("free", value="v")
    """)
    return desk


def spans(result):
    return {span.urn.split("::")[-1]: (span.start, span.end) for span in result.spans if "Thing" in span.urn}


def test_what_depends_waits_and_what_does_not_runs_beside(timed):
    before = time.monotonic()
    result = timed.run("up")
    assert spans(result) == {"x": (0, 600), "y": (600, 630), "z": (630, 635), "free": (0, 100)}
    assert result.duration == 635
    assert [span.urn.split("::")[-1] for span in result.critical_path] == ["x", "y", "z"]
    assert all(span.measured for span in result.critical_path)
    assert time.monotonic() - before < 60


def test_a_preview_foretells_the_same_duration(timed):
    assert timed.run("preview").duration == 635


def test_destroying_goes_backwards_in_time_too(timed):
    timed.run("up")
    result = timed.run("destroy")
    assert spans(result) == {"z": (0, 0.5), "free": (0, 10), "y": (0.5, 3.5), "x": (10, 70)} or spans(result) == {
        "z": (0, 0.5), "free": (0, 10), "y": (0.5, 3.5), "x": (3.5, 63.5),
    }  # fmt: skip
    assert [span.urn.split("::")[-1] for span in result.critical_path] == ["z", "y", "x"]
    assert result.duration == 63.5


def test_what_does_not_change_takes_no_time(timed):
    timed.run("up")
    assert timed.run("up").duration == 0


def test_a_provider_that_knows_no_duration_takes_one_unmeasured_second(desk):
    desk.write('x = Thing("x", value="one")\nThing("y", value=x.stamp)\n')
    result = desk.run("up")
    assert result.duration == 2
    assert [span.measured for span in result.critical_path] == [False, False]


def test_a_resource_waits_for_what_its_provider_is_configured_with(timed):
    timed.write("""
        x = Thing("x", value="one", tags={"name": "x"})
        p = Provider("p", region=x.stamp)
        Thing("y", pulumi.ResourceOptions(provider=p), value="two", tags={"name": "y"})
    """)
    assert spans(timed.run("up"))["y"] == (600, 630)


def test_events_tell_when_in_virtual_time(timed):
    timed.run("up")
    told = [(type(e).__name__, e.step.name, e.at) for e in timed.events if hasattr(e, "at") and e.step.name in "xy"]
    assert told == [("Started", "x", 0), ("Finished", "x", 600), ("Started", "y", 600), ("Finished", "y", 630)]


def test_a_replacement_deleted_first_is_made_after_its_deletion(timed):
    program = (
        'Thing("x", pulumi.ResourceOptions(delete_before_replace=True), value="v", fixed="{}", tags={{"name": "x"}})\n'
    )
    timed.up(program.format("f1"))
    result = timed.up(program.format("f2"))
    assert [(span.op, span.start, span.end) for span in result.critical_path] == [
        ("delete-replaced", 0, 60),
        ("create-replacement", 60, 660),
    ]
