import pytest
import torch
from torch import nn

from custom.evaluation import load_checkpoint


def make(classes=3, width=4):
    return nn.Sequential(nn.Linear(5, width), nn.BatchNorm1d(width), nn.Linear(width, classes))


@pytest.mark.parametrize("key", [None, "network", "model", "state_dict"])
def test_weights_alone_or_under_a_usual_key(key, tmp_path):
    trained = make()
    torch.save({key: trained.state_dict(), "epoch": 3} if key else trained.state_dict(), tmp_path / "model.pt")
    loaded = load_checkpoint(make(), tmp_path / "model.pt")
    for name, value in trained.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (make(classes=4).state_dict(), r"number of classes: 2.weight is \(4, 4\) there and \(3, 4\) in"),
        (nn.Linear(5, 3).state_dict(), "0.weight is missing there"),
        ({**make().state_dict(), "extra": torch.ones(2)}, r"extra is \(2,\) there and missing in"),
        ({"epoch": 3}, "holds no state dict"),
        (torch.ones(2), "holds no state dict"),
    ],
)
def test_weights_that_do_not_fit_get_one_sentence_and_change_nothing(content, sentence, tmp_path):
    torch.save(content, tmp_path / "model.pt")
    network = make()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ValueError, match=sentence):
        load_checkpoint(network, tmp_path / "model.pt")
    for name, value in before.items():
        assert torch.equal(network.state_dict()[name], value)


def test_missing_damaged_and_unsafe_files(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no checkpoint .*model.pt"):
        load_checkpoint(make(), tmp_path / "model.pt")
    (tmp_path / "damaged.pt").write_bytes(b"not a checkpoint")
    torch.save(make(), tmp_path / "pickled.pt")
    for name in ("damaged.pt", "pickled.pt"):
        with pytest.raises(ValueError, match="cannot be loaded safely"):
            load_checkpoint(make(), tmp_path / name)
