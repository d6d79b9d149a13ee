from collections import Counter

import pytest

from custom.data import load_datalist
from custom.federated import split_into_sites


def test_sites_share_all_images_and_no_lesion(federated_data):
    parts = split_into_sites(federated_data, ["a", "b"])
    for split in ("training", "validation"):
        everything = sorted(item["image_id"] for item in load_datalist(federated_data, split))
        assert sorted(item["image_id"] for part in parts.values() for item in part[split]) == everything
        classes = [Counter(item["label"] for item in part[split]) for part in parts.values()]
        assert all(set(counts) == {0, 1, 2} for counts in classes)
    lesions = [{item["lesion_id"] for split in part.values() for item in split} for part in parts.values()]
    assert not lesions[0] & lesions[1]
    assert split_into_sites(federated_data, ["a", "b"]) == parts
    assert split_into_sites(federated_data, ["a", "b"], seed=1) != parts


@pytest.mark.parametrize("names", [["a"], ["a", "a"]])
def test_two_names_are_needed(names, federated_data):
    with pytest.raises(ValueError, match="at least two sites with different names, not a"):
        split_into_sites(federated_data, names)
