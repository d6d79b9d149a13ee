from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom.data.split import InexactSplitError, largest_split, scale_counts, split_by_group
from custom.data.split_ratio import split_by_ratio


def lesions(sizes_by_class):
    """Labels and groups of classes whose lesions have these numbers of images."""
    labels, groups = [], []
    for label, sizes in enumerate(sizes_by_class):
        for number, size in enumerate(sizes):
            labels += [label] * size
            groups += [f"{label}-{number}"] * size
    return labels, groups


def assert_apart(splits, groups):
    sides = [{groups[i] for i in indices} for indices in splits.values()]
    for k, side in enumerate(sides):
        assert all(side.isdisjoint(other) for other in sides[k + 1 :])


@given(st.lists(st.lists(st.integers(1, 4), min_size=8, max_size=40), min_size=1, max_size=3), st.integers(0, 99))
def test_no_lesion_on_two_sides_and_exact_counts(sizes, seed):
    labels, groups = lesions([[1, 1, 1, 1, *s] for s in sizes])
    counts = {"training": 4, "validation": 2, "test": 3}
    splits = split_by_group(labels, groups, counts, seed)
    assert_apart(splits, groups)
    for name, indices in splits.items():
        assert len(set(indices)) == len(indices)
        assert Counter(labels[i] for i in indices) == dict.fromkeys(range(len(sizes)), counts[name])


def test_greedy_choice_would_fail_but_a_subset_sum_does_not():
    labels, groups = lesions([[3, 2, 2, 3]])  # 4 needs both pairs, 6 both triples, whatever the shuffle
    for seed in range(20):
        splits = split_by_group(labels, groups, {"training": 6, "test": 4}, seed)
        assert sorted(splits["test"]) == [3, 4, 5, 6]


def test_all_images_of_a_class_can_be_used():
    labels, groups = lesions([[2] * 4 + [1] * 3, [1] * 11])
    splits = split_by_group(labels, groups, {"training": 6, "validation": 2, "test": 3}, 5)
    assert sorted(chain(*splits.values())) == list(range(22))


def test_seed_decides_and_order_of_rows_does_not():
    labels, groups = lesions([[1] * 30, [2] * 15])
    counts = {"training": 10, "test": 6}
    one, two = (split_by_group(labels, groups, counts, 1) for _ in range(2))
    assert one == two
    assert one != split_by_group(labels, groups, counts, 2)
    back = split_by_group(labels[::-1], groups[::-1], counts, 1)
    assert {groups[::-1][i] for i in back["test"]} == {groups[i] for i in one["test"]}


def test_inexact_too_few_and_mixed_groups_are_refused():
    labels, groups = lesions([[2, 2, 2]])
    with pytest.raises(
        InexactSplitError, match=r"whole groups of class 0 cannot make up exactly 2 training \+ 3 test images"
    ):
        split_by_group(labels, groups, {"training": 2, "test": 3})
    with pytest.raises(ValueError, match="class 0 has 6 images, fewer than the 9 asked for"):
        split_by_group(labels, groups, {"training": 5, "test": 4})
    with pytest.raises(ValueError, match="0-1 has images of two classes"):
        split_by_group([0, 0, 0, 1, 0, 0], groups, {"training": 2, "test": 2})


def test_largest_split_keeps_proportions_and_drops_to_what_whole_groups_allow():
    assert scale_counts({"training": 720, "validation": 80, "test": 299}, 766) == {
        "training": 503,
        "validation": 55,
        "test": 208,
    }
    labels, groups = lesions([[1] * 12, [1] * 20])
    wanted = {"training": 8, "validation": 2, "test": 5}
    reached, splits = largest_split(labels, groups, wanted)
    assert reached == {"training": 7, "validation": 1, "test": 4}
    assert {name: len(indices) for name, indices in splits.items()} == {
        "training": 14,
        "validation": 2,
        "test": 8,
    }
    # 5 of 10 images are odd, and lesions of two images cannot make 5; 2 + 6 = 8 images can.
    labels, groups = lesions([[2] * 5])
    assert largest_split(labels, groups, {"training": 5, "test": 5})[0] == {"training": 4, "test": 4}
    with pytest.raises(ValueError, match="the smallest class has 1 image,"):
        largest_split(*lesions([[1]]), wanted)


def test_ratios_are_met_in_every_class_and_groups_stay_together():
    labels, groups = lesions([[1, 2, 3, 1, 1] * 10, [1] * 50])
    splits = split_by_ratio(labels, groups, {"training": 0.7, "validation": 0.1, "test": 0.2}, 3)
    assert_apart(splits, groups)
    assert sorted(chain(*splits.values())) == list(range(130))
    for name, share in (("training", 0.7), ("validation", 0.1), ("test", 0.2)):
        count = Counter(labels[i] for i in splits[name])
        assert count[0] == pytest.approx(80 * share, abs=1)
        assert count[1] == pytest.approx(50 * share, abs=1)


def test_a_patient_with_two_classes_is_not_split_by_ratio():
    labels, groups = [0, 1] * 10, [f"patient {i // 2}" for i in range(20)]
    splits = split_by_ratio(labels, groups, {"training": 0.8, "test": 0.2})
    assert_apart(splits, groups)
    assert len(splits["test"]) == 4


@pytest.mark.parametrize("ratios", [{"training": 0.5, "test": 0.6}, {"training": 1.0, "test": 0.0}])
def test_ratios_must_add_up(ratios):
    with pytest.raises(ValueError, match="must all be above 0 and add up to 1"):
        split_by_ratio([0, 1], ["a", "b"], ratios)


def test_a_class_that_does_not_reach_every_split_is_named():
    with pytest.raises(ValueError, match=r"class 1 has too few groups for one in .*: it has 1 image\."):
        split_by_ratio([0] * 9 + [1], [str(i) for i in range(10)], {"training": 0.5, "test": 0.5})
