import pytest
import torch
from monai.data import DataLoader, Dataset

from .margins import MARGINS, ChannelMeans


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
