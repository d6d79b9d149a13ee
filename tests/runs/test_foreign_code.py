import copy
import json

import pytest

from custom.plain_config import plain_config
from custom.runs import require_trust, write_config
from custom.runs.foreign_code import foreign_code

CONFIGS = ["bundle/configs/train.json", "bundle/configs/quickstart.json"]


@pytest.fixture
def config(root):
    return plain_config([root / path for path in CONFIGS])


@pytest.fixture(autouse=True)
def another_user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("name", ["train", "quickstart", "multi_gpu_train", "evaluate", "explain", "inference"])
def test_this_projects_own_configs_hold_no_foreign_code(name, root):
    assert foreign_code(plain_config([root / "bundle" / "configs" / f"{name}.json"])) is None


def test_the_config_that_a_training_writes_holds_no_foreign_code(run):
    assert foreign_code(plain_config([run / "config.json"])) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"epsilon": "$8 / 255"},
        {"weights": "$None"},
        {"learning_rate": "$@epsilon * 1e-3"},
        {"step_size": "@epsilon"},
        {"image_size": "$(64 if @steps > 7 else 96)"},
        {"dataset_dir": "os.system", "run_name": "exec(1)"},
        {"network_def": {"_target_": "monai.networks.nets.DenseNet121", "spatial_dims": 2, "out_channels": 3}},
        {"network_def": {"_target_": "torchvision.models.resnet18", "num_classes": "$len(@class_names)"}},
        {"training_handlers": {"gone": {"_target_": "custom.handlers.OfAnEarlierVersion", "key": "x"}}},
        {"training_handlers": {"early_stop": {"_target_": "custom.handlers.EarlyStopAfterWarmUp", "patience": 9}}},
    ],
)
def test_settings_are_no_foreign_code(settings, config):
    if "num_classes" in settings.get("network_def", {}):
        # The expression is that of another component's argument.
        settings["network_def"]["num_classes"] = "@image_size"
    assert foreign_code(config | settings) is None


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"seed": "$__import__('os').system('true')"}, "seed, $__import__('os').system('true')"),
        ({"seed": "$[x for x in ().__class__.__base__.__subclasses__()]"}, "seed, $["),
        ({"seed": "$@method.upper()"}, "seed, $@method.upper()"),
        ({"seed": "$f'{@method}'"}, "seed, $f"),
        ({"seed": "$print"}, "seed, $print"),
        ({"seed": "$("}, "seed, $("),
        ({"seed": "%other.json::seed"}, "seed, %other.json#seed"),
        ({"seed": "%/tmp/other.json::seed"}, "seed, %/tmp"),
        ({"imports": ["$import evil"]}, "imports#0, $import evil"),
        ({"card": {"text": {"deep": ["$evil()"]}}}, "card#text#deep#0, $evil()"),
        ({"x": {"_target_": "os.system", "command": "true"}}, "x#_target_, os.system"),
        ({"x": {"_target_": "$__import__('os').system", "command": "true"}}, "x#_target_, $__import__"),
        ({"x": {"_target_": "RandTorchVisiond", "keys": "image", "name": "os.system"}}, "x#name, os.system"),
        ({"x": {"_target_": "Lambda", "func": "$lambda item: evil(item)"}}, "x#func, $lambda item: evil"),
        ({"x": {"_target_": "monai.networks.nets.DenseNet121", "act": "$evil()"}}, "x#act, $evil()"),
        ({"x": {"_target_": "custom.networks.safe_load.torch.load", "f": "x"}}, "x#_target_, custom.networks.safe"),
        ({"x": {"_target_": "custom.networks.load_classifier", "trust": True}}, "x#_target_, custom.networks.load_"),
        ({"x": {"_target_": "DataLoader", "dataset": {"_target_": "os.system"}}}, "x#dataset#_target_, os.system"),
        ({"network_def": {"_target_": "DataLoader", "_mode_": "debug"}}, "network_def#_mode_, debug"),
        ({"x": {"_target_": "custom.handlers.checkpoint.torch.load", "f": "x"}}, "x#_target_, custom.handlers.checkp"),
        ({"x": {"_target_": "custom.handlers.History", "output_dir": "$evil()"}}, "x#output_dir, $evil()"),
        ({"method": "evil.Method"}, "method, evil.Method"),
    ],
)
def test_foreign_code_is_found(settings, found, config):
    assert foreign_code(config | settings).startswith(found)


def test_an_override_is_own_code_where_it_belongs_alone():
    drop_last = "$@processes * len(@train#sampler) % @batch_size == 1"  # of multi_gpu_train.json
    assert foreign_code({"train": {"dataloader": {"_target_": "DataLoader", "drop_last": drop_last}}}) is None
    elsewhere = {"train": {"dataloader": {"_target_": "DataLoader", "batch_size": drop_last}}}
    assert foreign_code(elsewhere) == f"train#dataloader#batch_size, {drop_last}"


def test_a_run_is_ones_own_by_its_signature_alone(tmp_path, config, monkeypatch):
    own = config | {"method": "mine.Method"}
    write_config(tmp_path / "run", own)
    require_trust(tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "moved")
    require_trust(tmp_path / "moved")

    changed = tmp_path / "moved" / "config.json"
    content = changed.read_bytes()
    changed.write_bytes(content.replace(b"mine.Method", b"evil.Method"))
    with pytest.raises(
        ValueError, match=r"config.json can run its author.s code \(method, evil.Method\); pass --trust"
    ):
        require_trust(tmp_path / "moved")
    require_trust(tmp_path / "moved", trust=True)

    changed.write_bytes(content)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "of somebody else"))
    with pytest.raises(ValueError, match=r"method, mine.Method"):
        require_trust(tmp_path / "moved")


def test_the_secret_is_the_users_alone(tmp_path, config):
    write_config(tmp_path / "run", config)
    (secret,) = (tmp_path / "state").rglob("secret")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_bytes()) == 32
    assert secret.read_bytes().hex() not in (tmp_path / "run" / ".signature").read_text()


def test_a_run_without_a_place_for_secrets_is_written_unsigned(tmp_path, config, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    write_config(tmp_path / "run", copy.deepcopy(config))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["config.json"]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["method"] == config["method"]
    require_trust(tmp_path / "run")
