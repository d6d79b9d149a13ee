"""Damaged checkpoints, with every command that reads one."""

import os
import pickle
import shutil

import pytest
import torch

from tests.cli.programs import content

from .commands import READERS, refused, some_are_slow


class Malicious:
    def __reduce__(self):
        return os.system, (f"touch {os.environ['FUZZ_FOLDER']}/EXECUTED",)


def truncated(path, whole):
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


def flipped(path, whole):
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def nan_weights(path, whole):
    saved = torch.load(whole, weights_only=True)
    name = next(iter(saved["network"]))
    saved["network"][name] = saved["network"][name] * float("nan")
    torch.save(saved, path)


CHECKPOINTS = {
    "missing": lambda path, whole: None,
    "empty": lambda path, whole: path.write_bytes(b""),
    "text": lambda path, whole: path.write_text("weights"),
    "html": lambda path, whole: path.write_text("<!DOCTYPE html><html>Not found</html>"),
    "lfs": lambda path, whole: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"),
    "truncated": truncated,
    "flipped": flipped,
    "nan": nan_weights,
    "list": lambda path, whole: torch.save([1, 2], path),
    "nothing": lambda path, whole: torch.save({}, path),
    "words": lambda path, whole: torch.save({"network": {"weight": "heavy"}}, path),
    "another network": lambda path, whole: torch.save({"network": torch.nn.Linear(2, 3).state_dict()}, path),
    "pickle": lambda path, whole: path.write_bytes(pickle.dumps(Malicious())),
    "objects": lambda path, whole: torch.save({"network": Malicious()}, path),
    "folder": lambda path, whole: path.mkdir(),
}


@pytest.mark.parametrize(("damage", "command"), some_are_slow(CHECKPOINTS, READERS, ("evaluate", "infer"), ["bundle"]))
def test_a_damaged_checkpoint(damage, command, run, synthetic_data, tmp_path, monkeypatch):
    monkeypatch.setenv("FUZZ_FOLDER", str(tmp_path))
    copied = tmp_path / "run"
    shutil.copytree(run, copied, ignore=shutil.ignore_patterns("model.pt", ".lock"))
    CHECKPOINTS[damage](copied / "model.pt", run / "model.pt")
    before = content(tmp_path)
    said = refused(READERS[command].format(run=copied, data=synthetic_data))
    assert str(copied) in said
    assert content(tmp_path) == before  # with the earlier evaluation in it
