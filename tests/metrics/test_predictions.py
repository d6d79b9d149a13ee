import numpy as np
import pytest

from custom.metrics import Predictions


@pytest.fixture
def predictions():
    return Predictions(
        image_ids=np.array(["a", "b", "c"]),
        lesion_ids=np.array(["x", "x", "y"]),
        labels=np.array([0, 1, 1]),
        probabilities=np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]),
        rounded=np.array([[0.8, 0.2], [0.6, 0.4], [0.2, 0.8]]),
        l2=np.array([0.1, 0.2, 0.3]),
        linf=np.array([0.01, 0.02, 0.03]),
        image_shape=(3, 4, 4),
        data_hash="cafe",
        notes=("careful",),
    )


def test_correct_and_accuracy(predictions):
    assert predictions.correct.tolist() == [True, False, True]
    assert predictions.accuracy == pytest.approx(2 / 3)


def test_subset_keeps_order_and_facts(predictions):
    subset = predictions.subset(np.array([2, 0]))
    assert subset.image_ids.tolist() == ["c", "a"]
    assert subset.l2.tolist() == [0.3, 0.1]
    assert (subset.image_shape, subset.data_hash, subset.notes) == ((3, 4, 4), "cafe", ("careful",))


def test_what_is_saved_is_loaded(predictions, tmp_path):
    path = tmp_path / "new" / "fgsm.npz"
    predictions.save(path, "f00d")
    loaded = Predictions.load(path, "f00d")
    for name, value in vars(predictions).items():
        assert np.array_equal(getattr(loaded, name), value), name
    assert [file.name for file in path.parent.iterdir()] == ["fgsm.npz"]


def test_other_fingerprint_missing_and_damaged_files_give_nothing(predictions, tmp_path):
    path = tmp_path / "fgsm.npz"
    assert Predictions.load(path, "f00d") is None
    predictions.save(path, "f00d")
    assert Predictions.load(path, "beef") is None
    path.write_bytes(path.read_bytes()[:100])
    assert Predictions.load(path, "f00d") is None
