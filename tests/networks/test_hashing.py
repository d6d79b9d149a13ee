import hashlib

import numpy as np
import torch

from custom.networks import weights_sha256


def test_the_hash_is_over_names_types_shapes_and_bytes():
    state = {"b": torch.tensor([1.0, 2.0]), "a": torch.tensor([[3]], dtype=torch.int64)}
    expected = hashlib.sha256(
        b"a\0torch.int64\0(1, 1)\0" + np.int64(3).tobytes() + b"b\0torch.float32\0(2,)\0" + np.float32([1, 2]).tobytes()
    ).hexdigest()
    assert weights_sha256(state) == expected
    assert weights_sha256({f"module.{key}": value for key, value in state.items()}) == expected
    images = torch.rand(2, 3, 4, 5)
    last = images.contiguous(memory_format=torch.channels_last)
    assert weights_sha256({"w": images}) == weights_sha256({"w": last})
    assert weights_sha256({"w": images}) != weights_sha256({"w": images.double()})
    assert weights_sha256({"w": images}) != weights_sha256({"w": images.reshape(2, 3, 20)})
    assert weights_sha256({"w": images}) != weights_sha256({"v": images})
