import torch
from ignite.engine import Engine
from monai.data import DataLoader
from monai.transforms import Compose, RandGaussianNoised, RandTorchVisiond

from custom.data.seeded_cache_dataset import SeededCacheDataset
from custom.handlers import EpochSeed


def noise_by_epoch(seed, epochs, first_epoch=0, workers=0):
    """Every epoch's mini-batches, shuffled and with random transforms, from `first_epoch` on."""
    # One draws from a generator of its own, the other from torch's.
    jitter = RandTorchVisiond("image", name="ColorJitter", brightness=0.5)
    transform = Compose([RandGaussianNoised("image", prob=1.0), jitter])
    items = [{"image": torch.full((3, 1, 1), i / 4)} for i in range(4)]
    dataset = SeededCacheDataset(items, transform, seed=seed, progress=False)
    loader = DataLoader(dataset, batch_size=2, shuffle=True, num_workers=workers)
    seen = {}

    def step(engine, batch):
        dropped = torch.nn.functional.dropout(torch.ones(4))
        seen.setdefault(engine.state.epoch, []).append(torch.cat([batch["image"].flatten(), dropped]))

    engine = Engine(step)
    EpochSeed(seed, dataset).attach(engine)
    if first_epoch:
        engine.load_state_dict({"epoch_length": 2, "max_epochs": epochs, "iteration": 2 * first_epoch})
    engine.run(loader, max_epochs=epochs)
    return {epoch: torch.stack(batches) for epoch, batches in seen.items()}


def test_an_epoch_after_a_restart_draws_what_it_would_have_drawn():
    for workers in (0, 1):
        whole, resumed = noise_by_epoch(3, 3, workers=workers), noise_by_epoch(3, 3, first_epoch=2, workers=workers)
        assert list(resumed) == [3]
        assert torch.equal(resumed[3], whole[3])


def test_epochs_and_seeds_differ():
    one, two = noise_by_epoch(0, 2), noise_by_epoch(1, 2)
    draws = [tuple(draw.flatten().tolist()) for draw in (one[1], one[2], two[1], two[2])]
    assert len(set(draws)) == 4


def test_the_number_of_workers_changes_nothing():
    none, one, three = (noise_by_epoch(3, 2, workers=workers) for workers in (0, 1, 3))
    for epoch in (1, 2):
        assert torch.equal(none[epoch], one[epoch])
        assert torch.equal(none[epoch], three[epoch])
