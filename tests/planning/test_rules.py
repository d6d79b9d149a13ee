import math

import pytest

from custom.data.intensity import IntensityWindow
from custom.planning import rules
from custom.planning.epsilon import gray_levels, rounded_up, rounding_norm, scaled_epsilon, spread_evenly
from custom.planning.fingerprint import DatasetFingerprint
from custom.planning.memory import StepMemory


def data(counts=(100, 100), size=(600, 450), window=None, **more):
    names = tuple("abcdefg"[: len(counts)])
    properties = {"gray": 0, "low": 0.0, "high": 255.0, **more}
    images = {"training": sum(counts), "validation": 20}
    return DatasetFingerprint(names, counts, images, (size,), window=window or IntensityWindow(), **properties)


def test_radii_at_other_resolutions_change_each_value_alike():
    assert scaled_epsilon(224) == 0.3
    assert scaled_epsilon(112) == 0.15
    # 0.3 * 255 / sqrt(3 * 224 * 224) = 76.5 / 387.98
    assert spread_evenly(0.3, 224) == pytest.approx(0.19718, abs=1e-5)
    assert spread_evenly(0.15, 112) == pytest.approx(spread_evenly(0.3, 224))
    assert gray_levels(4 / 255, "linf", 64) == pytest.approx(4)
    # sqrt(150528 / 12) / 255 = 112 / 255
    assert rounding_norm(224) == pytest.approx(112 / 255)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((600, 450), 224), ((224, 300), 224), ((223, 300), 192), ((128, 128), 128), ((28, 28), 32), ((100, 65), 64)],
)
def test_images_are_not_enlarged_unless_they_are_tiny(size, expected):
    assert rules.choose_image_size(data(size=size)).value == expected


def test_what_the_user_or_the_network_wants_comes_first():
    assert rules.choose_image_size(data(), 96).value == 96
    assert rules.choose_image_size(data(), None, "inception_v3").value == 299


@pytest.mark.parametrize(("size", "crop"), [((64, 64), None), ((600, 450), None), ((400, 800), "square")])
def test_long_images_are_cropped(size, crop):
    assert rules.choose_crop(data(size=size)).value == crop


def test_a_chosen_radius_is_not_below_what_was_measured():
    assert [rounded_up(value) for value in (0.2, 0.17841, 0.0021439, 1.0001)] == [0.2, 0.179, 0.00215, 1.01]


def test_epsilon_is_explained_in_gray_levels():
    decision = rules.choose_epsilon(112, "l2")
    assert decision.value == 0.15
    assert "each value by 0.20 of 255 gray levels" in decision.reason
    assert "single pixel it is 22 gray levels" in decision.reason  # 255 * 0.15 / sqrt(3)
    assert "changes it by 0.22, more than that" in decision.reason
    assert rules.choose_epsilon(64, "linf").value == pytest.approx(1 / 255, abs=1e-5)
    assert rules.explain_epsilon(2 / 255, "linf", 64) == "Each value may change by 2.00 of 255 gray levels."


def test_the_window_is_told_in_stored_units():
    window = IntensityWindow(16, 0.0, 4095.0)
    decision = rules.choose_intensity(data(window=window, low=0.0, high=1200.0))
    assert decision.value == {"bits": 16, "low": 0.0, "high": 4095.0}
    assert "One gray level of 255 is 16.06 stored units" in decision.reason
    assert "Only 29% of the window" in decision.reason


def test_batches_fit_the_memory_and_leave_steps():
    small = StepMemory(fixed=100, per_image=10)
    assert [small.of(size) for size in (1, 32)] == [110, 420]
    assert rules.choose_batch_size(data((200, 200)), small, 10**9).value == 32
    assert rules.choose_batch_size(data((100, 100)), small, 10**9).value == 16  # 200 images are 12 steps
    assert rules.choose_batch_size(data((10, 10)), small, 10**9).value == 8
    assert rules.choose_batch_size(data((200, 200)), small, 839).value == 16  # 32 need 840
    assert rules.choose_batch_size(data((200, 200)), small, 100).value == 2


def test_the_cache_takes_an_eighth_of_the_memory():
    # 220 images of 3 * 32 * 32 * 4 = 12288 bytes
    assert rules.choose_cache_rate(data(), 32, 8 * 220 * 12288).value == 1.0
    assert rules.choose_cache_rate(data(), 32, 4 * 220 * 12288).value == 0.5


def test_rare_classes_are_drawn_as_often_as_others():
    assert rules.choose_sampling(data((100, 60))).value is False
    decision = rules.choose_sampling(data((300, 60, 30)))
    assert decision.value is True
    assert "10.0 times as many" in decision.reason
    assert "(a 300, b 60, c 30)" in decision.reason
    assert "about 4 times an epoch" in decision.reason  # 390 / 3 draws of 30 images


@pytest.mark.parametrize(
    ("counts", "method", "expected"),
    [
        ((10, 10), "at", "val_accuracy_mean"),
        ((10, 10), "std", "val_accuracy_clean"),
        ((15, 10), "at", "val_balanced_accuracy_mean"),
        ((15, 10), "std", "val_balanced_accuracy"),
    ],
)
def test_unequal_classes_are_selected_by_recalls(counts, method, expected):
    assert rules.choose_selection(data(counts), method).value == expected


def test_the_head_of_a_plan_describes_the_data():
    told = rules.describe_data(data(gray=1))
    assert told[0] == "200 training, 20 validation images of 2 classes: a, b."
    assert told[1] == "Of 1 training image read: all 600 x 450 pixels, monochrome, 8 bits per sample."
    assert math.isclose(data(size=(600, 450)).elongation, 4 / 3)
