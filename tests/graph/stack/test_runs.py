"""The reference stack run more than once, and run when it is wrong."""


def test_the_life_of_a_stack(changed, tmp_path, evaluated):
    project, state = changed(lambda config: None), tmp_path / "state"
    first = evaluated(project, "up", state_dir=state)
    assert first.ok
    assert set(first.changes) == {"create"}
    second = evaluated(project, "up", state_dir=state)
    assert second.changes == {"same": first.changes["create"]}, "a second up must change nothing"

    file = project / "stacks" / "Pulumi.dev-eks.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("ml-model:v1.0.0", "ml-model:v1.0.1").replace("--epochs=50", "--epochs=60"), encoding="utf-8"
    )
    planned = evaluated(project, "preview", state_dir=state)
    steps = {step.name: step.op for step in planned.steps if step.op != "same"}
    assert steps.pop("ml-model-deployment") == "update"
    assert steps.pop("distributed-training-job") in {"replace", "create-replacement", "delete-replaced"}, (
        "another command is another run"
    )
    assert steps == {}, "and nothing else"

    last = evaluated(project, "destroy", state_dir=state)
    assert last.changes == {"delete": first.changes["create"]}
    assert last.resources == []


def test_a_preview_plans_what_up_does(root, tmp_path, dev_eks, evaluated):
    planned = evaluated(root, "preview", state_dir=tmp_path)
    assert planned.ok
    assert planned.changes == dev_eks.result.changes


def test_a_wrong_stack_ends_with_its_errors_and_nothing_made(changed, tmp_path, evaluated):
    def wrong(config):
        config["kubeml:pools"][1]["accelerator"] = "h1000"
        config["kubeml:pools"][0]["maxx"] = 1
        config["kubeml:cluster"]["endpointAccess"] = ["everywhere"]

    result = evaluated(changed(wrong), "up", state_dir=tmp_path / "state")
    (message,) = [each.message for each in result.diagnostics if each.severity == "error"]
    assert result.exit_code == 2
    assert message.splitlines() == [
        "stacks/Pulumi.dev-eks.yaml",
        '  kubeml:cluster.endpointAccess[0]  "everywhere" is not an IPv4 CIDR block, such as 203.0.113.0/24, with no bit beyond its prefix',
        "  kubeml:pools[0].maxx              unknown key; did you mean max?",
        '  kubeml:pools[1].accelerator       "h1000" is not in the catalog; on aws: a100-40gb, a100-80gb, a10g, b200, b300, h100, h200, inferentia2, l4, l40s, rtx-pro-6000, t4, t4g, trainium, trainium2; did you mean h100?',
    ]
    assert not [each for each in result.resources if each.get("custom")], (
        "nothing may be made from a stack that is wrong"
    )


def test_a_stack_without_accelerators_installs_nothing_for_them(changed, tmp_path, evaluated):
    def plain(config):
        config["kubeml:pools"] = config["kubeml:pools"][:1]
        config["kubeml:teams"][0].update(servingGpus={}, trainingGpus={})
        config["kubeml:serving"] = config["kubeml:training"] = []

    result = evaluated(changed(plain), "up", state_dir=tmp_path / "state")
    assert result.ok, [each.message for each in result.diagnostics]
    said = [each.message for each in result.diagnostics if each.severity == "info"]
    assert any("nvidia-device-plugin is not installed: nothing in the cluster needs it" in each for each in said)
    names = [each["inputs"].get("name") for each in result.resources if each["type"] == "kubernetes:helm.sh/v3:Release"]
    assert "nvidia-device-plugin" not in names
    assert "metrics-server" in names
