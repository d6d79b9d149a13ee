import io

import numpy as np
import pytest
from PIL import Image

from custom.data.decode import check_images, decode_size
from custom.data.sources import Sources


def encoded(kind, size=(60, 40)):
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_whole_images_have_a_size_and_truncated_ones_an_error(kind):
    content = encoded(kind)
    assert decode_size(content) == (60, 40)
    for end in (len(content) // 2, len(content) * 9 // 10):
        with pytest.raises(OSError, match=r"truncated|broken|cannot|unrecognized|data"):
            decode_size(content[:end])
    with pytest.raises(OSError, match="cannot identify image file"):
        decode_size(b"<html>404</html>")


def test_results_are_in_the_order_of_the_files(tmp_path):
    for number in range(20):
        content = encoded("PNG", (10 + number, 8))
        (tmp_path / f"{number:02d}.png").write_bytes(content if number != 7 else content[:40])
    with Sources([tmp_path]) as sources:
        results = check_images(sources, sources.files)
    assert isinstance(results[7], OSError)
    assert [r for r in results if not isinstance(r, OSError)] == [(10 + n, 8) for n in range(20) if n != 7]
