import argparse
import collections
import hashlib
import json
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from custom.networks import (
    NetworkCard,
    TorchvisionClassifier,
    load_weights,
    read_checkpoint,
    save_checkpoint,
    weights_sha256,
)

CARD = NetworkCard(
    class_names=("MEL", "NV", "BKL"),
    image_size=(5, 5),
    intensity={"window": [0.0, 255.0]},
    network={"_target_": "torchvision.models.densenet121", "num_classes": 3},
    data_sha256="ab" * 32,
    seed=7,
    num_workers=1,
)


def make(classes=3, width=4):
    return nn.Sequential(nn.Linear(5, width), nn.BatchNorm1d(width), nn.Linear(width, classes))


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_what_is_saved_is_read_back_with_its_card(tmp_path):
    network = make()
    save_checkpoint(tmp_path / "model.pt", nn.DataParallel(network), CARD)
    found = read_checkpoint(tmp_path / "model.pt")
    assert same(found.weights, network.state_dict())
    assert found.card.weights_sha256 == weights_sha256(network.state_dict())
    assert found.card.class_names == ("MEL", "NV", "BKL")
    assert found.card.to_dict() == CARD.to_dict() | {"weights_sha256": weights_sha256(network.state_dict())}
    raw = torch.load(tmp_path / "model.pt", weights_only=True)
    assert raw.keys() == {"network", "card"}
    assert json.loads(json.dumps(raw["card"])) == found.card.to_dict()


def test_the_hash_is_over_names_types_shapes_and_bytes():
    state = {"b": torch.tensor([1.0, 2.0]), "a": torch.tensor([[3]], dtype=torch.int64)}
    expected = hashlib.sha256(
        b"a\0torch.int64\0(1, 1)\0" + np.int64(3).tobytes() + b"b\0torch.float32\0(2,)\0" + np.float32([1, 2]).tobytes()
    ).hexdigest()
    assert weights_sha256(state) == expected
    assert weights_sha256({f"module.{key}": value for key, value in state.items()}) == expected
    images = torch.rand(2, 3, 4, 5)
    last = images.contiguous(memory_format=torch.channels_last)
    assert weights_sha256({"w": images}) == weights_sha256({"w": last})
    assert weights_sha256({"w": images}) != weights_sha256({"w": images.double()})
    assert weights_sha256({"w": images}) != weights_sha256({"w": images.reshape(2, 3, 20)})
    assert weights_sha256({"w": images}) != weights_sha256({"v": images})


def prefixed(prefix):
    return lambda state: {f"{prefix}{key}": value for key, value in state.items()}


FORMS = {
    "bare": lambda s: s,
    "ordered": collections.OrderedDict,
    "network": lambda s: {"network": s, "optimizer": {}},
    "model": lambda s: {"model": s, "epoch": 3},
    "state_dict": lambda s: {"state_dict": s, "epoch": 3},
    "tutorial": lambda s: {"epoch": 3, "model_state_dict": s, "optimizer_state_dict": {"state": {}}},
    "net": lambda s: {"net": s, "acc": 0.5},
    "parallel": prefixed("module."),
    "compiled": prefixed("_orig_mod."),
    "compiled parallel": prefixed("module._orig_mod."),
    "compiled inside": lambda s: {key.replace(".", "._orig_mod.", 1): value for key, value in s.items()},
    "lightning": lambda s: {"state_dict": prefixed("model.")(s), "global_step": 3},
    "imagenet example": lambda s: {"arch": "x", "state_dict": prefixed("module.")(s), "best_acc1": torch.tensor(0.5)},
    "numpy scalars": lambda s: {"state_dict": s, "best": np.float64(0.5), "n": np.int64(3), "ok": np.bool_(True)},
    "float32 scalar": lambda s: {"state_dict": s, "best": np.float32(0.5)},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("legacy", [False, True])
def test_forms_of_checkpoints_give_the_same_weights(form, legacy, tmp_path):
    trained = make()
    torch.save(FORMS[form](trained.state_dict()), tmp_path / "model.pt", _use_new_zipfile_serialization=not legacy)
    loaded = load_weights(make(), tmp_path / "model.pt")
    assert same(loaded.state_dict(), trained.state_dict())
    wrapped = load_weights(nn.DataParallel(make()), tmp_path / "model.pt")
    assert same(wrapped.module.state_dict(), trained.state_dict())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_the_network_s(dtype, tmp_path):
    trained = make()
    state = {k: v.to(dtype) if v.is_floating_point() else v for k, v in trained.state_dict().items()}
    torch.save(state, tmp_path / "model.pt")
    loaded = load_weights(make(), tmp_path / "model.pt").state_dict()
    for key, value in state.items():
        assert loaded[key].dtype == trained.state_dict()[key].dtype
        assert torch.equal(loaded[key], value.to(loaded[key].dtype))


def test_a_network_whose_own_names_look_like_a_wrapper_s(tmp_path):
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = make()

    trained = Outer()
    torch.save(trained.state_dict(), tmp_path / "model.pt")
    assert same(load_weights(Outer(), tmp_path / "model.pt").state_dict(), trained.state_dict())


def write(content):
    return lambda path: path.write_bytes(content)


def script(path):
    torch.jit.script(make()).save(str(path))


def export(path):
    torch.export.save(torch.export.export(make(), (torch.zeros(2, 5),)), path)


def compressed(path):
    torch.save(make().state_dict(), path)
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)


def truncated(path):
    torch.save(make().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-30])


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no weights")


@pytest.mark.parametrize(
    ("make_file", "sentence"),
    [
        (lambda path: torch.save(make(), path), "is a whole pickled model, and loading it could run code"),
        (lambda path: torch.save({"args": argparse.Namespace()}, path), r"holds Python objects \(argparse.Namespace\)"),
        (lambda path: torch.save([make().state_dict()], path), "holds no state dict.* it has a list"),
        (lambda path: torch.save({"epoch": 3, "lr": 0.1}, path), "holds no state dict.* only epoch, lr"),
        (lambda path: torch.save({}, path), "holds no state dict"),
        (lambda path: torch.save(torch.ones(2), path), "holds no state dict.* a Tensor"),
        (write(b"<!DOCTYPE html><html>404</html>"), "is an HTML or XML page"),
        (write(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"), "is a Git LFS pointer"),
        (write(b""), r"is empty \(0 bytes\)"),
        (write(b"no weights at all"), "cannot be read as a file of torch.save"),
        (write(bytes(range(256)) * 9), "cannot be read as a file of torch.save"),
        (truncated, "is damaged: its end is missing"),
        (other_zip, "is a zip archive, but not one of torch.save"),
        (compressed, "is a compressed or encrypted archive"),
        (script, r"is a program \(TorchScript\)"),
        (export, r"is a program \(torch.export\)"),
    ],
)
def test_what_is_no_checkpoint_gets_one_sentence(make_file, sentence, tmp_path):
    path = tmp_path / "model.pt"
    make_file(path)
    with pytest.raises(ValueError, match=sentence) as caught:
        read_checkpoint(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model.pt does not exist; pass the path"):
        read_checkpoint(tmp_path / "model.pt")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        read_checkpoint(tmp_path)


def test_code_in_a_file_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path / "ran").touch, ()

    torch.save({"network": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ValueError, match="could run code"):
        read_checkpoint(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()


def test_every_flipped_byte_is_an_error_or_changes_nothing(tmp_path):
    network = make()
    save_checkpoint(tmp_path / "model.pt", network, CARD)
    whole = (tmp_path / "model.pt").read_bytes()
    weights = network.state_dict()["2.weight"].numpy().tobytes()
    places = [*np.random.default_rng(0).integers(0, len(whole), 150), whole.index(weights), whole.index(b"MEL")]
    refused: dict[int, str] = {}
    for place in map(int, places):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        (tmp_path / "model.pt").write_bytes(changed)
        try:
            found = read_checkpoint(tmp_path / "model.pt")
        except ValueError as error:
            refused[place] = str(error)
        else:
            assert same(found.weights, network.state_dict())
            assert found.card.class_names == CARD.class_names
    assert len(refused) > 50
    assert not any("\n" in sentence for sentence in refused.values())
    for content in (weights, b"MEL"):
        assert "checksum" in refused[whole.index(content)]


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path):
    save_checkpoint(tmp_path / "model.pt", make(), CARD)
    content = torch.load(tmp_path / "model.pt", weights_only=True)
    content["network"]["2.weight"][0, 0] += 1
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="is damaged or was changed: the SHA-256 of its weights"):
        read_checkpoint(tmp_path / "model.pt")


def test_a_card_beside_a_plain_state_dict(tmp_path):
    network = make()
    torch.save(network.state_dict(), tmp_path / "model.pt")
    assert read_checkpoint(tmp_path / "model.pt").card is None
    card = CARD.to_dict() | {"weights_sha256": weights_sha256(network.state_dict())}
    (tmp_path / "model.card.json").write_text(json.dumps(card))
    assert read_checkpoint(tmp_path / "model.pt").card.class_names == ("MEL", "NV", "BKL")
    torch.save(make().state_dict(), tmp_path / "model.pt")
    with pytest.raises(ValueError, match="not the one on its card"):
        read_checkpoint(tmp_path / "model.pt")
    (tmp_path / "model.card.json").write_text("{")
    with pytest.raises(ValueError, match=r"model\.pt: "):
        read_checkpoint(tmp_path / "model.pt")


def test_a_network_that_is_used_otherwise_than_trained_is_refused_and_unchanged(tmp_path):
    save_checkpoint(tmp_path / "model.pt", make(), CARD)
    network = make()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ValueError, match=r"model\.pt was trained with class_names MEL, NV, BKL, not NV, MEL, BKL\."):
        load_weights(network, tmp_path / "model.pt", expected={"class_names": ["NV", "MEL", "BKL"]})
    with pytest.raises(ValueError, match="was trained with image_size 5, 5, not 6, 6"):
        load_weights(network, tmp_path / "model.pt", expected={"image_size": (6, 6)})
    assert same(network.state_dict(), before)
    load_weights(network, tmp_path / "model.pt", expected={"class_names": ["MEL", "NV", "BKL"], "image_size": [5, 5]})
    assert not same(network.state_dict(), before)


def not_finite():
    state = make().state_dict()
    state["1.running_var"][1] = float("nan")
    return state


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (make(classes=4).state_dict(), "they are for 4 classes, the network is for 3"),
        (nn.Linear(5, 3).state_dict(), "they lack '0.weight', and .* weights differ in all"),
        ({**make().state_dict(), "extra": torch.ones(2)}, "'extra' is unknown to the network"),
        ({**make().state_dict(), "0.weight": torch.ones(1)}, r"'0.weight' has the shape \(1,\) instead of \(4, 5\)"),
        (not_finite(), r"'1.running_var' holds values that are not finite \(NaN or infinity\)"),
    ],
)
def test_weights_that_do_not_fit_get_one_sentence_and_change_nothing(content, sentence, tmp_path):
    torch.save(content, tmp_path / "model.pt")
    network = make()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ValueError, match=rf"model.pt do not fit Sequential: {sentence}"):
        load_weights(network, tmp_path / "model.pt")
    assert same(network.state_dict(), before)


def test_another_head_is_left_out_only_if_asked(tmp_path):
    trained, network = make(classes=7), make()
    head = network[2].weight.clone()
    load_weights(network, trained.state_dict(), other_head=True)
    assert torch.equal(network[2].weight, head)
    assert torch.equal(network[0].weight, trained[0].weight)


def test_weights_of_a_bare_network_do_not_pass_for_those_of_ours(tmp_path):
    # torchvision's SqueezeNet ends in a ReLU, ours does not: the same weights are another function.
    torch.save(models.squeezenet1_1(num_classes=3).state_dict(), tmp_path / "bare.pth")
    with pytest.raises(ValueError, match="bare network without normalization; pass them as --weights"):
        load_weights(TorchvisionClassifier("squeezenet1_1", 3), tmp_path / "bare.pth")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps({"weights": [1, 2]}, protocol=4), "is a pickle that torch.save did not write"),
        (pickle.dumps({"weights": [1, 2]}, protocol=4)[:20], "is a pickle that torch.save did not write"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9", "is it damaged"),
        (bytes(range(256)), "is it damaged"),
    ],
)
def test_pickles_and_noise_get_one_sentence_and_no_warning(tmp_path, content, said):
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        read_checkpoint(tmp_path / "model.pt")
