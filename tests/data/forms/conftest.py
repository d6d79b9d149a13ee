import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_images(tmp_path):
    """Write small images that all differ, by their names below a folder."""
    counter = iter(range(10**6))

    def write(*names, root=tmp_path / "mine"):
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(next(counter)).integers(0, 255, (6, 7), dtype=np.uint8)
            Image.fromarray(pixels).save(path, "JPEG" if path.suffix.lower() in (".jpg", ".jpeg", ".jfif") else "PNG")
        return root

    return write
