import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from custom.data import load_datalist
from custom.data.synthetic import CLASSES, make_synthetic, render
from custom.data.synthetic.dataset import draw_views
from custom.data.synthetic.lesion import Lesion
from tests.cli.programs import content


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    make_synthetic(folder, per_class=20, size=64, seed=7, workers=1)
    return folder


def test_same_seed_same_bytes_whatever_the_workers(folder, tmp_path):
    make_synthetic(tmp_path, per_class=20, size=64, seed=7, workers=2)
    assert content(tmp_path) == content(folder)
    first = render("NV", [7, 2, 0], 0, 64)[0]
    assert not np.array_equal(first, render("NV", [8, 2, 0], 0, 64)[0])


def test_counts_are_exact_and_lesions_stay_together(folder):
    splits = {name: load_datalist(folder, name) for name in ("training", "validation", "test")}
    sides = [{item["lesion_id"] for item in items} for items in splits.values()]
    assert len(set.union(*sides)) == sum(map(len, sides))
    for name, number in (("training", 14), ("validation", 2), ("test", 4)):
        assert [sum(i["label"] == k for i in splits[name]) for k in range(3)] == [number] * 3
    assert sum(map(len, sides)) < 60, "some lesions have several images"


def test_masks_are_binary_and_lie_on_the_lesion(folder):
    darker = []
    for item in load_datalist(folder, "training", masks=True):
        image = np.asarray(Image.open(item["image"]), float)
        mask = np.asarray(Image.open(item["mask"]))
        assert image.shape == (64, 64, 3)
        assert mask.shape == (64, 64)
        assert set(np.unique(mask)) <= {0, 255}
        assert 0.01 < (mask > 0).mean() < 0.95
        darker.append(image[mask == 0].mean() - image[mask > 0].mean())
    assert np.mean(np.array(darker) > 5) > 0.9


def test_mask_is_where_the_pigment_is():
    """Half of the pigment's edge lies on the outline: thresholded density and mask agree."""
    x, y = np.meshgrid(*[np.linspace(-1.2, 1.2, 128, dtype=np.float32)] * 2)
    agreement = []
    for number in range(12):
        seen = Lesion(list(CLASSES)[number % 3], np.random.default_rng([3, number])).look(x, y)
        inside = seen.level > 0
        density = seen.density.sum(-1)
        assert density[seen.level < -0.8].max(initial=0) == 0
        agreement.append(density[inside].sum() / density.sum())
    assert np.mean(agreement) > 0.85


def test_views_of_a_lesion_are_alike_but_not_equal():
    one, two, other = (render("MEL", [0, 0, n], view, 64)[0].astype(float) for n, view in ((1, 0), (1, 1), (2, 0)))
    assert np.abs(one - two).mean() > 3
    assert not np.array_equal(one, other)


def test_a_lesion_does_not_depend_on_the_size_of_the_data_set():
    assert draw_views(20, 3)[:20] == draw_views(40, 3)[:20]
    small, large = render("BKL", [0, 1, 0], 0, 64)[1], render("BKL", [0, 1, 0], 0, 128)[1]
    assert ((large.reshape(64, 2, 64, 2).mean((1, 3)) > 127) == (small > 0)).mean() > 0.97


def test_color_alone_does_not_give_the_class_away():
    """Mean color and its spread must stay well below what patterns give to a network."""
    features, labels = [], []
    for label, name in enumerate(CLASSES):
        for number in range(50):
            image = render(name, [11, label, number], 0, 32)[0].reshape(-1, 3) / 255
            features.append([*image.mean(0), *image.std(0)])
            labels.append(label)
    features, labels = np.array(features), np.array(labels)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    accuracy = model.fit(features[::2], labels[::2]).score(features[1::2], labels[1::2])
    assert accuracy < 0.6


@pytest.mark.parametrize(("per_class", "low", "high"), [(80, 1, 15), pytest.param(200, 6, 30, marks=pytest.mark.slow)])
def test_a_small_share_of_the_lesions_looks_like_another_class(per_class, low, high):
    """Binomial with p = 0.03: of 600 lesions 18, give or take three standard deviations of 4.2; 7.2 +- 7.9 of 240."""
    classes = list(CLASSES)
    atypical = 0
    for number in range(per_class):
        for name in classes:
            lesion = Lesion(name, np.random.default_rng([1, classes.index(name), number]))
            patterns = {"MEL": "network", "BKL": "ridges", "NV": "globules"}
            strongest = max(patterns, key=lambda key: lesion.traits[patterns[key]])
            assert strongest == lesion.shown
            atypical += lesion.shown != name
    assert low <= atypical <= high


@pytest.mark.parametrize(("name", "value"), [("per_class", 9), ("size", 15), ("seed", -1)])
def test_too_small_values_give_one_sentence(tmp_path, name, value):
    with pytest.raises(ValueError, match=f"{name} is {value} and must be at least"):
        make_synthetic(tmp_path, **{name: value})
    assert list(tmp_path.iterdir()) == []
