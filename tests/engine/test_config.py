"""Projects and stacks are read as Pulumi reads them, and all that is wrong is told at once, each with its path."""

import pytest

from kubeml_simulator.engine import ProjectError, load_project
from kubeml_simulator.engine.config import text_of
from kubeml_simulator.engine.crypto import Crypter
from kubeml_simulator.engine.wire import UNKNOWN, is_secret, reveal


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "__main__.py").write_text("")
    return tmp_path


def project(folder, text="name: shop\nruntime: python\n", **stacks):
    (folder / "Pulumi.yaml").write_text(text)
    for name, content in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(content)
    return load_project(folder)


def problems(read):
    with pytest.raises(ProjectError) as caught:
        read()
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_a_bare_key_belongs_to_the_project_and_a_structured_value_stays_one(folder):
    stack = project(
        folder,
        dev="config:\n  size: 3\n  aws:region: us-east-1\n  shop:pools: [{name: a, max: 4}]\n  on: yes\n  day: 2026-01-02\n",
    ).stack("dev")
    assert stack.config == {
        "shop:size": 3,
        "aws:region": "us-east-1",
        "shop:pools": [{"name": "a", "max": 4}],
        "shop:on": "yes",
        "shop:day": "2026-01-02",
    }
    assert {key: text_of(value) for key, value in stack.config.items()} == {
        "shop:size": "3",
        "aws:region": "us-east-1",
        "shop:pools": '[{"name":"a","max":4}]',
        "shop:on": "yes",
        "shop:day": "2026-01-02",
    }


def test_the_stack_file_wins_over_the_projects_defaults(folder):
    text = """
name: shop
runtime: {name: python, options: {virtualenv: venv}}
main: app
description: sells things
stackConfigDir: stacks
config:
  size: {type: integer, default: 1}
  color: blue
  aws:region: {value: eu-west-1}
  token: {default: t0ken, secret: true}
"""
    (folder / "app").mkdir()
    (folder / "app" / "__main__.py").write_text("")
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.prod-eks.yaml").write_text("config:\n  size: 5\n")
    found = project(folder, text)
    stack = found.stack("prod-eks")
    assert found.stacks() == ["prod-eks"]
    assert (found.main, found.description, found.virtualenv) == (folder / "app", "sells things", folder / "venv")
    assert reveal(stack.config) == {
        "shop:size": 5,
        "shop:color": "blue",
        "aws:region": "eu-west-1",
        "shop:token": "t0ken",
    }
    assert stack.secret_keys() == ["shop:token"]


def test_a_secret_is_read_with_the_passphrase(folder):
    crypter = Crypter.new("pass")
    content = f"encryptionsalt: {crypter.state}\nconfig:\n  a: {{secure: '{crypter.encrypt('hush')}'}}\n  b: {{c: [{{secure: '{crypter.encrypt('hush too')}'}}]}}\n"
    found = project(folder, dev=content)
    stack = found.stack("dev", {"PULUMI_CONFIG_PASSPHRASE": "pass"})
    assert is_secret(stack.config["shop:a"])
    assert reveal(stack.config) == {"shop:a": "hush", "shop:b": {"c": ["hush too"]}}
    assert stack.secret_keys() == ["shop:a", "shop:b"]
    assert [path for path, _ in problems(lambda: found.stack("dev", {"PULUMI_CONFIG_PASSPHRASE": "other"}))] == [
        "Pulumi.dev.yaml  encryptionsalt"
    ]


def test_without_the_passphrase_a_secret_is_unknown_in_a_preview_and_a_placeholder_in_up(folder):
    crypter = Crypter.new("pass")
    content = f"encryptionsalt: {crypter.state}\nconfig:\n  a: {{secure: '{crypter.encrypt('hush')}'}}\n"
    stack = project(folder, dev=content).stack("dev", {})
    assert stack.texts(preview=True) == {"shop:a": UNKNOWN}
    assert stack.texts(preview=False) == {"shop:a": "placeholder-of-shop-a"}
    assert stack.secret_keys() == ["shop:a"]


def test_a_program_sees_a_withheld_secret_as_an_unknown_one(desk):
    crypter = Crypter.new("not this one")
    stack = f"config:\n  token: {{secure: '{crypter.encrypt('hush')}'}}\n"
    desk.write('Thing("x", value=pulumi.Config().require_secret("token"))\n', stack)
    (step,) = [step for step in desk.run("preview").steps if step.name == "x"]
    assert is_secret(step.new["inputs"]["value"])
    assert reveal(step.new["inputs"]["value"]) == UNKNOWN


def test_all_that_is_wrong_in_a_stack_file_is_told_at_once(folder):
    text = "name: shop\nruntime: python\nconfig:\n  size: {type: integer}\n  needed: {type: string}\n  odd: {type: colour}\n"
    found = project(folder, text, dev="confg: {}\nconfig:\n  size: many\n  'a:b:c:d': 1\n  shop:x: 1\n  x: 2\n")
    told = dict(problems(lambda: found.stack("dev")))
    assert told == {
        "Pulumi.dev.yaml  confg": "unknown key; known: config, encryptionsalt, secretsprovider, encryptedkey, environment",
        "Pulumi.dev.yaml  a:b:c:d": "is no configuration key: it reads KEY or NAMESPACE:KEY",
        "Pulumi.dev.yaml  x": "is given twice: it is shop:x",
        "config.size": "is text, Pulumi.yaml declares it as integer",
        "Pulumi.yaml  config.needed": 'has no default and stack "dev" gives no value',
        "Pulumi.yaml  config.odd.type": '"colour" is no type; types: string, boolean, integer, number, array, object',
    }


def test_all_that_is_wrong_in_a_project_file_is_told_at_once(folder):
    told = dict(
        problems(
            lambda: project(folder, "runtime: nodejs\nmain: nowhere\ndescription: [a]\nplugins: {}\nruntim: python\n")
        )
    )
    assert told == {
        "Pulumi.yaml  name": "is missing: the project's name",
        "Pulumi.yaml  runtime": 'is "nodejs"; the evaluator runs python programs only',
        "Pulumi.yaml  main": '"nowhere" has no __main__.py',
        "Pulumi.yaml  description": "is a list, it must be text",
        "Pulumi.yaml  plugins": "is not supported: put pulumi-resource-NAME on PATH",
        "Pulumi.yaml  runtim": "unknown key; known: name, runtime, main, description, stackConfigDir, config, options, "
        "author, website, license, backend, template, packages, requiredPulumiVersion",
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("config:\n  a: 1\n  a: 2\n", 'line 3: "a" is given twice, first in line 2'),
        ("- a\n", "is a list, it must be a mapping"),
        ("config: [\n", "line 2:"),
    ],
)
def test_what_is_no_yaml_mapping_is_told_with_its_line(folder, content, says):
    found = project(folder, dev=content)
    ((path, message),) = problems(lambda: found.stack("dev"))
    assert path == "Pulumi.dev.yaml"
    assert message.startswith(says)


def test_a_stack_that_is_not_there_is_told_with_those_that_are(folder):
    found = project(folder, dev="", prod="")
    assert problems(lambda: found.stack("staging")) == [
        ("Pulumi.staging.yaml", "does not exist; the stacks are dev, prod")
    ]


def test_a_folder_without_a_project_is_told(tmp_path):
    ((path, message),) = problems(lambda: load_project(tmp_path))
    assert path == str(tmp_path / "Pulumi.yaml")
    assert message == "does not exist: this folder is no Pulumi project"


def test_a_program_gets_its_configuration_as_from_pulumi(desk):
    desk.write(
        'c = pulumi.Config()\npulumi.export("all", [c.require("a"), c.require_int("b"), c.require_bool("on"), c.require_object("d"), pulumi.Config("aws").get("region")])\n',
        "config:\n  a: text\n  b: 7\n  on: true\n  d: {e: [1]}\n  aws:region: us-east-1\n",
    )
    assert desk.run("preview").outputs == {"all": ["text", 7, True, {"e": [1]}, "us-east-1"]}
