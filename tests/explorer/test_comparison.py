import base64
import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from custom.explorer import Comparison, Explorer, Subject, Threat, alert, data_uri
from tests.explorer.conftest import model


def compared(models, subject, threat, smallest=None):
    explorer = Explorer()
    clean = [explorer.clean(one, subject) for one in models]
    attacked = [explorer.attacked(one, subject, threat) for one in models]
    smallest = smallest or [None] * len(models)
    return Comparison(models, clean, attacked, threat, smallest, 0.4, subject.class_name)


def pixels(address):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_image_is_its_own_address():
    image = torch.tensor([[[0.0, 1.0]], [[0.5, 2.0]], [[0.25, -1.0]]])
    assert pixels(data_uri(image)).tolist() == [[[0, 128, 64], [255, 255, 0]]]


def test_the_summary_names_who_flips(standard, robust, subject):
    found = compared([standard, robust], subject, Threat("pgd", "linf", 0.15)).summary(subject.name)
    assert text(found) == (
        "reddish.png, true class MEL. PGD, 20 steps within ℓ∞ 38.2/255 flips the prediction of standard and does not "
        "flip that of robust ."
    )


def test_the_summary_names_who_holds(standard, robust, subject):
    found = compared([standard, robust], subject, Threat("fgsm", "linf", 0.05)).summary("a")
    assert text(found).endswith("does not flip the prediction of standard and robust .")


def test_radius_0_is_said(standard, subject):
    assert text(compared([standard], subject, Threat("pgd", "l2", 0.0)).summary("a")).endswith(
        "the image is as it was."
    )


def test_a_panel_says_everything_of_a_model(standard, robust, subject):
    comparison = compared([standard, robust], subject, Threat("pgd", "linf", 0.15), [0.1, math.inf])
    flipped, held = (text(comparison.panel(index)) for index in (0, 1))
    assert "MEL : flipped to BKL" in flipped
    assert "MEL : held" in held
    # softmax of 6, 4, 2, and of 4.5, 5.5, 3.5 after 0.15 the wrong way in each channel.
    assert "class clean attacked MEL (true class) 86.7 % 24.5 % BKL 11.7 % 66.5 % NV 1.6 % 9.0 %" in flipped
    assert "Smallest radius found at which the prediction flips: ℓ∞ 25.5/255 (minimal-norm attack, FMN" in flipped
    assert "No flip found up to ℓ∞ 102/255" in held
    assert "Searching" in compared([standard], subject, Threat("pgd", "linf", 0.1)).panel(0)


def test_an_attack_that_misses_what_another_found_proves_nothing(standard, subject):
    found = compared([standard], subject, Threat("pgd", "linf", 0.09), [0.08]).panel(0)
    assert "MEL : held against this attack, and not against the minimal-norm attack" in text(found)
    assert "against" not in text(compared([standard], subject, Threat("pgd", "linf", 0.09), [0.1]).panel(0))


def test_perturbations_are_amplified_alike_around_gray(standard, robust, subject):
    comparison = compared([standard, robust], subject, Threat("fgsm", "linf", 0.02))
    assert comparison.factor == 10
    shown = [re.findall(r'src="([^"]+)" alt="([^"]+)"', comparison.panel(index)) for index in (0, 1)]
    for figures in shown:
        address, caption = figures[2]
        assert caption == "Perturbation, amplified 10 times"
        # 0.5 - 10 * 0.02, and 0.5 + 10 * 0.02
        assert pixels(address)[0, 0].tolist() == pytest.approx([76.5, 178.5, 178.5], abs=0.6)
    assert [caption for _, caption in shown[0]][:2] == ["Clean: 86.7 % MEL", "Attacked: 81.4 % MEL"]


def test_a_mistake_on_the_clean_image_is_said(standard, photograph):
    subject = Subject.read(photograph, [standard], class_name="NV")
    found = compared([standard], subject, Threat("pgd", "linf", 0.05)).panel(0)
    assert "MEL : held (wrong on the clean image already, which is NV)" in text(found)


def test_without_a_label_none_is_claimed(standard, photograph):
    comparison = compared([standard], Subject.read(photograph, [standard]), Threat("pgd", "linf", 0.05))
    assert "true class" not in comparison.panel(0) + comparison.summary("a")


def test_a_network_without_feature_map_has_no_grad_cam(subject, standard):
    flat = replace(standard, network=torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 3)).eval())
    found = compared([flat], subject, Threat("pgd", "linf", 0.05)).panel(0)
    assert "Grad-CAM" not in found
    assert found.count("<img") == 3
    assert compared([standard], subject, Threat("pgd", "linf", 0.05)).panel(0).count("<img") == 5


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '" onload="alert(1)'])
def test_names_are_text(name, photograph):
    evil = model(name, names=(name, "BKL", "NV"))
    subject = Subject.read(photograph, [evil], name=name, class_name=name)
    comparison = compared([evil], subject, Threat("pgd", "linf", 0.15))
    everything = comparison.panel(0) + comparison.summary(name) + alert(name)
    assert name not in everything
    assert "<script" not in everything
