"""A new method takes one new file: here it is trained from a module that is not even in the package."""

import torch
from monai.bundle import ConfigParser

from custom.losses import AdversarialLoss
from custom.methods import Method
from custom.runs import Run


class Noise(Method):
    """Train on images with a perturbation of random direction and the full radius."""

    def __init__(self, attack, share=1.0):
        super().__init__(attack, AdversarialLoss(alpha=1.0))
        self.share = share

    def perturb(self, engine, network, images, labels):
        noise = torch.randn_like(images)
        length = noise.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        return self.measured(images, (images + self.share * self.attack.epsilon * noise / length).clamp(0, 1))


def test_it_trains_by_its_name_alone(root, synthetic_data, tmp_path):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "train.json")
    small = {"backbone": "squeezenet1_1", "weights": "none", "image_size": 32, "batch_size": 8, "num_workers": 0}
    small |= {"warm_up_epochs": 0, "fine_tuning_epochs": 1, "record": False}
    parser.update({**small, "dataset_dir": str(synthetic_data), "output_dir": str(tmp_path / "run")})
    parser.update({"method": "tests.methods.test_new_method.Noise", "method_options#share": 0.5})
    trainer = parser.get_parsed_content("train#trainer")
    trainer.run()
    assert 0.1 < trainer.state.metrics["norm_mean"] <= 0.15 + 1e-6
    assert Run.read(tmp_path / "run").method == "tests.methods.test_new_method.Noise"
