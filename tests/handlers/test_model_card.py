import json
from types import SimpleNamespace

import pytest

from custom.attacks import PGD
from custom.handlers import ModelCard
from custom.handlers.model_card import model_card

DATALIST = {
    "name": "HAM10000",
    "licence": "CC BY-NC 4.0",
    "split_by": "lesion",
    "seed": 7,
    "labels": {"0": "MEL", "1": "NV"},
    "training": [{"label": 0}, {"label": 1}, {"label": 1}],
    "validation": [{"label": 0}],
    "test": [],
}


@pytest.fixture
def datalist(tmp_path):
    path = tmp_path / "datalist.json"
    path.write_text(json.dumps(DATALIST))
    return path


def attack():
    return PGD(epsilon=0.3, steps=7, step_size=0.15, norm="l2")


def test_card_says_what_a_user_must_know(datalist):
    metrics = {"val_accuracy_clean": 0.705, "val_accuracy_attacked": 0.6}
    card = model_card(datalist, {"method": "dpaat", "image size": 224}, attack(), 12, metrics)
    for text in (
        "# A robust classifier of HAM10000: MEL, NV",
        "- method: dpaat\n- image size: 224\n- epoch of these weights: 12",
        "whose l2 norm is at most 0.3",
        "PGD, 7 steps of 0.15.",
        "- license: CC BY-NC 4.0\n- split by: lesion\n- seed: 7",
        "| training | 1 | 2 |\n| validation | 1 | 0 |\n| test | 0 | 0 |",
        "- clean images: 70.5%\n- attacked images: 60.0%",
        "Not for clinical use",
    ):
        assert text in card


def test_card_is_of_the_same_epoch_as_the_weights(datalist, tmp_path):
    checkpoint = SimpleNamespace(save_dir=tmp_path / "run", best_epoch=1)
    trainer = SimpleNamespace(state=SimpleNamespace(epoch=1, metrics={}))
    evaluator = SimpleNamespace(state=SimpleNamespace(epoch=1, metrics={"val_accuracy_clean": 0.5}))
    handler = ModelCard(evaluator, checkpoint, str(datalist), {"method": "at"}, attack())
    handler(trainer)
    path = tmp_path / "run" / "model_card.md"
    assert "epoch of these weights: 1\n" in path.read_text()
    trainer.state.epoch = evaluator.state.epoch = 2  # not better
    handler(trainer)
    assert "epoch of these weights: 1\n" in path.read_text()
    checkpoint.best_epoch = 2
    handler(trainer)
    assert "epoch of these weights: 2\n" in path.read_text()
