from types import SimpleNamespace

import pytest
import torch
from ignite.metrics import Accuracy
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import ValidationHandler

from custom.handlers import ResumableCheckpoint
from custom.handlers.utils import logits_and_labels
from custom.inferers import AdversarialInferer


@pytest.fixture
def tiny_training(tmp_path):
    """Make a training of a linear network on eight images, with its parts and the given handlers."""

    def make(handlers=lambda parts: [], epochs=2, resume=False, output_dir=tmp_path / "run"):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
        items = [
            {"image": image, "label": i % 3, "image_id": f"image{i}"} for i, image in enumerate(torch.rand(8, 3, 2, 2))
        ]
        loader = DataLoader(Dataset(items), batch_size=4)
        optimizer = torch.optim.SGD(network.parameters(), 0.1)
        evaluator = SupervisedEvaluator(
            torch.device("cpu"),
            loader,
            network,
            inferer=AdversarialInferer(),
            decollate=False,
            key_val_metric={"val_accuracy_clean": Accuracy(logits_and_labels("clean"))},
        )
        objects = {"network": network, "optimizer": optimizer}
        checkpoint = ResumableCheckpoint(str(output_dir), objects, evaluator, "val_accuracy_clean", resume)
        parts = SimpleNamespace(
            network=network, evaluator=evaluator, checkpoint=checkpoint, output_dir=output_dir, resume=resume
        )
        trainer = SupervisedTrainer(
            torch.device("cpu"),
            epochs,
            loader,
            network,
            optimizer,
            lambda logits, labels: torch.nn.functional.cross_entropy(logits.clean, labels),
            inferer=AdversarialInferer(),
            decollate=False,
            key_train_metric={"train_accuracy": Accuracy(logits_and_labels("clean"))},
            train_handlers=[ValidationHandler(1, evaluator), checkpoint, *handlers(parts)],
        )
        parts.trainer = trainer
        return parts

    return make
