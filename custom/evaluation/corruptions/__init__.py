"""Common corruptions of dermoscopic images: the kinds and severities of MedMNIST-C.

Di Salvo, Doerrich and Ledig, "MedMNIST-C: Comprehensive benchmark and improved classifier robustness by simulating
realistic image corruptions", 2024, publishes the parameters for DermaMNIST at 224x224; the code here is written from
them. The radii of dark corners are sorted, so that a higher severity is never the milder one.
"""

from __future__ import annotations

from custom.evaluation.corruptions.blur import defocus_blur, motion_blur, zoom_blur
from custom.evaluation.corruptions.corruption import SEVERITIES, Corruption
from custom.evaluation.corruptions.dermoscopy import characters, dark_corners
from custom.evaluation.corruptions.digital import jpeg_compression, pixelate
from custom.evaluation.corruptions.light import brightness, contrast
from custom.evaluation.corruptions.noise import gaussian_noise, impulse_noise, shot_noise, speckle_noise

CORRUPTIONS = {
    corruption.name: corruption
    for corruption in (
        Corruption("jpeg_compression", jpeg_compression, (30, 20, 15, 10, 7)),
        Corruption("pixelate", pixelate, (0.7, 0.5, 0.4, 0.3, 0.25)),
        Corruption("gaussian_noise", gaussian_noise, (0.04, 0.08, 0.12, 0.18, 0.26)),
        Corruption("speckle_noise", speckle_noise, (0.05, 0.15, 0.2, 0.35, 0.45)),
        Corruption("impulse_noise", impulse_noise, (0.01, 0.03, 0.06, 0.09, 0.17)),
        Corruption("shot_noise", shot_noise, (60, 25, 18, 10, 5)),
        Corruption("defocus_blur", defocus_blur, ((4, 0.1), (5, 0.2), (6, 0.3), (7, 0.4), (8, 0.5))),
        Corruption("motion_blur", motion_blur, ((10, 5), (15, 5), (15, 8), (15, 12), (20, 15))),
        Corruption("zoom_blur", zoom_blur, ((1.1, 0.01), (1.15, 0.01), (1.2, 0.02), (1.25, 0.02), (1.3, 0.03))),
        Corruption("brightness_up", brightness, (1.1, 1.2, 1.3, 1.4, 1.5)),
        Corruption("brightness_down", brightness, (0.9, 0.8, 0.7, 0.6, 0.5)),
        Corruption("contrast_up", contrast, (1.1, 1.2, 1.3, 1.4, 1.6)),
        Corruption("contrast_down", contrast, (0.8, 0.7, 0.6, 0.5, 0.4)),
        Corruption("dark_corners", dark_corners, (1.1, 1.05, 1.0, 0.95, 0.9)),
        Corruption("characters", characters, ((1, 6, 0.14), (2, 7, 0.15), (3, 8, 0.16), (4, 9, 0.17), (6, 10, 0.18))),
    )
}
"""All kinds, by name."""

__all__ = ["CORRUPTIONS", "SEVERITIES", "Corruption"]
