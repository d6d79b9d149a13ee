"""Files that are no checkpoint, or damaged ones, as ``read_checkpoint`` finds them."""

import argparse
import pickle
import zipfile

import numpy as np
import pytest
import torch

from custom.networks import read_checkpoint, save_checkpoint

from .checkpoints import CARD, make, same


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
