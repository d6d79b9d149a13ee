import torch
from monai.transforms import Compose, RandGaussianNoised

from custom.data.seeded_cache_dataset import SeededCacheDataset


def dataset(seed=0):
    items = [{"image": torch.zeros(3, 2, 2)} for _ in range(3)]
    return SeededCacheDataset(items, Compose([RandGaussianNoised("image", prob=1.0)]), seed=seed, progress=False)


def test_an_image_depends_on_seed_epoch_and_index_alone():
    one, other = dataset(), dataset()
    forward = [one[index]["image"] for index in (0, 1, 2)]
    backward = [other[index]["image"] for index in (2, 1, 0)]
    assert all(torch.equal(first, second) for first, second in zip(forward, backward[::-1], strict=True))
    assert not torch.equal(forward[0], forward[1])
    one.set_epoch(1)
    assert not torch.equal(one[0]["image"], forward[0])
    assert not torch.equal(dataset(seed=1)[0]["image"], forward[0])


def test_torchs_generator_is_left_as_found():
    state = torch.get_rng_state()
    _ = dataset()[1]
    assert torch.equal(torch.get_rng_state(), state)
