import pytest
import torch
from monai.data import DataLoader, Dataset

from custom.evaluation import Evaluation

from .attacks import TABLE
from .margins import MARGINS, NAMES, ChannelMeans


@pytest.fixture
def network():
    return ChannelMeans()


@pytest.fixture
def items():
    found = []
    for label in range(3):
        for index, margin in enumerate(MARGINS):
            image = torch.full((3, 4, 4), 0.3)
            image[label] += margin
            found.append(
                {
                    "image": image,
                    "label": label,
                    "image_id": f"image_{label}_{index}",
                    "lesion_id": f"lesion_{label}_{index // 2}",
                }
            )
    return found


@pytest.fixture
def loader(items):
    return DataLoader(Dataset(items), batch_size=5)


@pytest.fixture
def evaluate(network, loader, tmp_path):
    def run(attacks, **options):
        options = {"resamples": 50, "progress": False, "output_dir": tmp_path / "results"} | options
        chosen = {"network": network, "dataloader": loader} | options
        return Evaluation(class_names=NAMES, attack_table=TABLE, attacks=attacks, **chosen).run()

    return run
