"""What a simulated provider remembers, and how it is found again."""

from hypothesis import given
from hypothesis import strategies as st

from kubeml_simulator.provider import UNKNOWN, Existing, World, secret

ROLE = "aws:iam/role:Role"


def role(name, number=1, **state):
    return Existing(f"urn:pulumi:s::p::{ROLE}::{name}", ROLE, f"{name}-{number}", {"name": name, **state})


def order(known):
    return known.id, known.urn


def test_a_planned_resource_is_found_by_its_name_and_never_by_an_id():
    world = World()
    world.plan(role("node", arn=UNKNOWN))
    assert world.find(ROLE, name="node").id == UNKNOWN
    assert world.find(ROLE, id="node-1") is None
    assert world.may_have(ROLE, "arn", "arn:aws:iam::123456789012:role/node"), "its arn may turn out to be this one"
    assert not world.may_have(ROLE, "id", "node-1")
    assert world.of_urn(role("node").urn) == [], "it does not live yet"


def test_what_was_planned_gives_way_to_what_was_made():
    world = World()
    world.plan(role("node", arn=UNKNOWN))
    world.learn(role("node", arn="arn"))
    assert [known["arn"] for known in world.all(ROLE)] == ["arn"]
    assert not world.may_have(ROLE, "arn", "other")


def test_what_another_stack_made_is_learned_from_its_state():
    world = World()
    state = {"urn": "urn:pulumi:other::p::t::x", "custom": True, "type": ROLE, "id": "node", "inputs": {"name": "node"}}
    world.learn_graph([state | {"outputs": {"arn": secret("arn")}}, {"urn": "u", "type": "kubeml:x", "custom": False}])
    assert [(known.id, known["name"], known["arn"]) for known in world.all(ROLE)] == [("node", "node", "arn")]


def test_old_and_new_live_side_by_side_during_a_replacement():
    world = World()
    world.learn(role("node", 1))
    world.learn(role("node", 2))
    assert [known.id for known in world.of_urn(role("node").urn)] == ["node-1", "node-2"]
    world.forget(ROLE, "node-1")
    assert [known.id for known in world.of_urn(role("node").urn)] == ["node-2"]


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["learn", "plan", "forget", "look"]),
            st.sampled_from("abc"),
            st.integers(1, 2),
            st.sampled_from("xy"),
        )
    )
)
def test_looking_up_by_a_property_agrees_with_looking_at_everything(moves):
    world = World()
    for move, name, number, path in moves:
        if move == "forget":
            world.forget(ROLE, f"{name}-{number}")
        elif move != "look":
            getattr(world, move)(role(name, number, path=path, tags={"a": path}))
        for key, value in (("path", path), ("tags", {"a": path}), ("tags.a", path), ("id", f"{name}-{number}")):
            everything = [known for known in world.all(ROLE) if known[key] == value]
            assert sorted(world.having(ROLE, key, value), key=order) == sorted(everything, key=order)
