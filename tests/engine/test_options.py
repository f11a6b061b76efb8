"""Resource options beyond the recorded cases: aliases, inheritance, replacement with another, remote components, transforms."""

import pytest

from kubeml_simulator.engine import Providers


def steps(result, kind="conf:index:Thing"):
    return [(step.op, step.name) for step in result.steps if step.type == kind]


@pytest.mark.parametrize(
    "alias",
    [
        '"urn:pulumi:dev::conf::conf:index:Thing::old"',
        'pulumi.Alias(name="old")',
        'pulumi.Alias(name="old", parent=pulumi.ROOT_STACK_RESOURCE)',
        'pulumi.Alias(name="old", type_="conf:index:Thing", project="conf", stack="dev")',
    ],
)
def test_an_alias_in_any_form_finds_the_old_resource(desk, alias):
    desk.up('Thing("old", value="one")\n')
    result = desk.up(f'Thing("new", pulumi.ResourceOptions(aliases=[{alias}]), value="one")\n')
    assert steps(result) == [("same", "new")]
    assert desk.ids(result) == {"new": "old-none"}


def test_an_alias_of_a_parents_name_renames_what_its_children_are_called(desk):
    program = 'g = Group("{0}"{1})\nThing("{0}-x", pulumi.ResourceOptions(parent=g), value="one")\n'
    desk.up(program.format("one", ""))
    result = desk.up(program.format("two", ', pulumi.ResourceOptions(aliases=[pulumi.Alias(name="one")])'))
    assert steps(result) == [("same", "two-x")]


def test_what_depends_on_a_renamed_resource_names_it_by_its_new_name(desk):
    program = 'x = Thing("{0}"{1}, value="one")\nThing("y", value=x.stamp.apply(lambda s: "v"))\n'
    desk.up(program.format("old", ""))
    result = desk.up(program.format("new", ', pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])'))
    y = next(item for item in result.resources if item["urn"].endswith("::y"))
    assert y["dependencies"] == ["urn:pulumi:dev::conf::conf:index:Thing::new"]
    assert desk.up().changes == {"same": 3}


def test_one_old_resource_cannot_become_two(desk):
    desk.up('Thing("old", value="one")\n')
    options = 'pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])'
    result = desk.up(f'Thing("a", {options}, value="one")\nThing("b", {options}, value="one")\n')
    (error,) = [d for d in result.diagnostics if d.severity == "error"]
    assert "two resources cannot be one" in error.message
    assert result.exit_code == 2


def test_children_inherit_protection_and_what_they_are_deleted_with(desk):
    desk.write("""
        x = Thing("x", value="one")
        g = Group("g", pulumi.ResourceOptions(protect=True, deleted_with=x))
        Thing("y", pulumi.ResourceOptions(parent=g), value="two")
        Thing("z", pulumi.ResourceOptions(parent=g, protect=False), value="three")
    """)
    found = {item["urn"].split("::")[-1]: item for item in desk.run("up").resources}
    assert found["y"]["protect"] is True
    assert found["y"]["deletedWith"] == found["x"]["urn"]
    assert "protect" not in found["z"]


def test_a_resource_is_replaced_with_the_one_it_names(desk):
    program = 'x = Thing("x", value="v", fixed="{}")\nThing("y", pulumi.ResourceOptions(replace_with=[x]), value="v")\n'
    desk.up(program.format("f1"))
    result = desk.up(program.format("f2"))
    assert ("create-replacement", "y") in steps(result)
    assert result.changes == {"replace": 2, "same": 1}


def test_a_provider_given_by_package_reaches_grandchildren(desk):
    desk.write("""
        p = Provider("p", region="r1")
        g = Group("g", pulumi.ResourceOptions(providers={"conf": p}))
        h = Group("h", pulumi.ResourceOptions(parent=g))
        Thing("x", pulumi.ResourceOptions(parent=h), value="one")
    """)
    found = {item["urn"].split("::")[-1]: item for item in desk.run("up").resources}
    assert found["x"]["provider"] == f"{found['p']['urn']}::{found['p']['id']}"
    assert "default" not in found


def test_every_provider_resource_has_a_provider_of_its_own(desk):
    regions = []

    class Regional(desk.provider):
        def Configure(self, request, context):
            self.region = request.variables.get("conf:config:region", "")
            return super().Configure(request, context)

        def Create(self, request, context):
            regions.append((request.name, self.region))
            return super().Create(request, context)

    desk.provider = Regional
    desk.up("""
        for region in ("r1", "r2"):
            p = Provider(f"p-{region}", region=region)
            Thing(f"x-{region}", pulumi.ResourceOptions(provider=p), value="one")
        Thing("z", value="v")
    """)
    assert sorted(regions) == [("x-r1", "r1"), ("x-r2", "r2"), ("z", "")]


REMOTE = """
class Far(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("kubernetes:yaml/v2:ConfigFile", name, inputs, opts, True)

f = Far("f", file="https://example.com/crds.yaml")
Thing("after", pulumi.ResourceOptions(depends_on=[f]), value="v")
"""


@pytest.mark.parametrize("offers", [False, True])
def test_a_known_remote_component_is_one_node_with_its_inputs(desk, offers):
    class Kubernetes(desk.provider):
        if offers:

            def construct(self, type_, name, inputs):
                return {"kinds": [name, inputs["file"]]}

    desk.write(REMOTE)
    options = {"providers": Providers({"conf": desk.provider, "kubernetes": Kubernetes})}
    result = desk.run("up", **options)
    (node,) = [item for item in result.resources if item["type"] == "kubernetes:yaml/v2:ConfigFile"]
    assert node["inputs"] == {"file": "https://example.com/crds.yaml"}
    assert "provider" not in node, "the real engine keeps none of a component: an imported state would be replaced"
    assert node.get("outputs") == ({"kinds": ["f", "https://example.com/crds.yaml"]} if offers else None)
    after = next(item for item in result.resources if item["urn"].endswith("::after"))
    assert after["dependencies"] == [node["urn"]]
    assert desk.run("up", **options).changes == {"same": 3}


def test_a_transform_changes_what_a_function_is_asked(desk):
    desk.write("""
        def other(args):
            return pulumi.InvokeTransformResult(args={**args.args, "key": "other"}, opts=args.opts)
        pulumi.runtime.register_invoke_transform(other)
        pulumi.export("found", lookup("k"))
    """)
    assert desk.run("up").outputs == {"found": {"value": "found-other"}}


def test_a_transform_that_fails_is_an_error_with_the_resources_line(desk):
    desk.write("""
        def wrong(args):
            raise ValueError("no such tag")
        Thing("x", pulumi.ResourceOptions(transforms=[wrong]), value="one")
    """)
    result = desk.run("up")
    (error,) = [d for d in result.diagnostics if d.severity == "error"]
    assert "no such tag" in error.message
    assert (error.position, error.urn.split("::")[-1]) == ("__main__.py:6", "x")


def test_what_a_policy_refuses_in_up_is_not_deleted_either(desk):
    class Strict:
        name, version = "strict", "1"

        def remediate(self, resource):
            return []

        def analyze(self, resource):
            from kubeml_simulator.engine import Finding

            bad = (resource.get("inputs") or {}).get("value") == "bad"
            return [Finding("no-bad", "strict", "1", "mandatory", "bad", "")] if bad else []

        def analyze_stack(self, resources):
            return []

    desk.up('Thing("x", value="fine")\n')
    desk.write('Thing("x", value="bad")\nThing("y", value="v")\n')
    result = desk.run("up", analyzers=[Strict()])
    assert desk.ids(result) == {"x": "x-none", "y": "y-none"}
    assert (result.exit_code, [finding.position for finding in result.findings]) == (1, ["__main__.py:3"])


def test_what_was_deleted_for_a_replacement_that_failed_is_not_deleted_again(desk):
    deleted = []

    class Deletes(desk.provider):
        def Delete(self, request, context):
            deleted.append(request.name)
            return super().Delete(request, context)

    desk.provider = Deletes
    program = 'Thing("x", pulumi.ResourceOptions(delete_before_replace=True), value="v", fixed="{}"{})\n'
    desk.up(program.format("f1", ""))
    assert desk.up(program.format("f2", ', fail="create"')).exit_code == 3
    assert deleted == ["x"]
    assert desk.up(program.format("f2", "")).changes == {"replace": 1, "same": 1}
    assert deleted == ["x"]
    assert desk.up(program.format("f3", ', fail="create"')).exit_code == 3
    result = desk.up('Thing("y", value="v")\n')
    assert steps(result) == [("create", "y"), ("remove-pending-replace", "x")]
    assert deleted == ["x", "x"]
