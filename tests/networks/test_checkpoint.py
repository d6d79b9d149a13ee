import collections
import json

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from custom.networks import TorchvisionClassifier, load_weights, read_checkpoint, save_checkpoint, weights_sha256

from .checkpoints import CARD, make, same


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


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path):
    save_checkpoint(tmp_path / "model.pt", make(), CARD)
    content = torch.load(tmp_path / "model.pt", weights_only=True)
    content["network"]["2.weight"][0, 0] += 1
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="is damaged or was changed, as the SHA-256 of its weights"):
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
    with pytest.raises(ValueError, match=r"model\.pt: .*model\.card\.json is not valid JSON"):
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
