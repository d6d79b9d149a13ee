import pytest
import torch
from monai.data import DataLoader, Dataset

from custom.attacks import FGSM, PGD
from custom.evaluation import predict


def test_clean_predictions_are_those_of_the_network(network, loader, items):
    clean = predict(network, loader, progress=False)
    with torch.no_grad():
        expected = torch.softmax(network(torch.stack([item["image"] for item in items])).double(), dim=1)
    assert clean.probabilities == pytest.approx(expected.numpy(), abs=1e-6)
    assert clean.image_ids.tolist() == [item["image_id"] for item in items]
    assert clean.lesion_ids.tolist() == [item["lesion_id"] for item in items]
    assert clean.labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6
    assert clean.accuracy == pytest.approx(5 / 6)
    assert (clean.l2.max(), clean.linf.max()) == (0, 0)
    assert clean.image_shape == (3, 4, 4)


def test_fgsm_flips_exactly_the_margins_below_twice_epsilon(network, loader):
    attacked = predict(network, loader, FGSM(epsilon=0.05), progress=False)
    assert attacked.correct.reshape(3, 6).tolist() == [[False, False, False, True, True, True]] * 3
    assert attacked.linf == pytest.approx(0.05)
    assert attacked.l2 == pytest.approx(0.05 * 48**0.5)


def test_rounded_images_lose_a_perturbation_below_half_a_gray_level(network):
    image = torch.full((3, 4, 4), 128 / 255)
    image[0] += 1 / 255
    items = [{"image": image, "label": 0, "image_id": "a"}]
    attacked = predict(network, DataLoader(Dataset(items)), FGSM(epsilon=0.45 / 255), progress=False)
    with torch.no_grad():
        clean = torch.softmax(network(image[None]).double(), dim=1).numpy()
    assert attacked.rounded == pytest.approx(clean, abs=1e-6)
    assert attacked.probabilities[0, 0] < clean[0, 0]


def test_without_lesions_each_image_is_one(network, items):
    for item in items:
        del item["lesion_id"]
    clean = predict(network, DataLoader(Dataset(items), batch_size=7), progress=False)
    assert clean.lesion_ids.tolist() == clean.image_ids.tolist()


def test_data_hash_tells_images_and_labels_apart(network, items):
    def data_hash():
        return predict(network, DataLoader(Dataset(items), batch_size=4), progress=False).data_hash

    first = data_hash()
    assert data_hash() == first
    items[3]["image"] = items[3]["image"] + 1e-4
    second = data_hash()
    items[3]["label"] = 2
    assert len({first, second, data_hash()}) == 3


def test_random_attacks_repeat_and_leave_the_random_state(network, loader):
    def attacked():
        attack = PGD(epsilon=0.5, steps=2, norm="l2", random_start=True)
        return predict(network, loader, attack, progress=False).probabilities

    state = torch.get_rng_state()
    assert (attacked() == attacked()).all()
    # Also with one attack for both, as an evaluation that resumes runs only what is left.
    attack = PGD(epsilon=0.5, steps=2, norm="l2", random_start=True)
    first, again = (predict(network, loader, attack, progress=False).probabilities for _ in range(2))
    assert (first == again).all()
    assert torch.equal(torch.get_rng_state(), state)
    assert network.scale.grad is None


def test_an_answer_that_is_not_finite_names_the_image(items):
    class Broken(torch.nn.Module):
        def forward(self, images):
            means = images.mean(dim=(2, 3))
            return torch.where(means == bad, torch.nan, means)

    bad = items[7]["image"].mean(dim=(1, 2)).max()
    broken = [item for item in items if (item["image"].mean(dim=(1, 2)) == bad).any()]
    with pytest.raises(ValueError, match=f"returns NaN or infinity for the image {broken[0]['image_id']};"):
        predict(Broken(), DataLoader(Dataset(items), batch_size=5), progress=False)
