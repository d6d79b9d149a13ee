import io

import pytest
import torch

from custom.radius import RadiusTable


def test_new_images_have_the_default_and_known_ones_their_own():
    table = RadiusTable()
    table.update(["a", "b"], torch.tensor([0.125, 0.25]))
    table.update(["b"], torch.tensor([0.5]))
    assert table.lookup(["b", "c", "a"], default=0.3).tolist() == [0.5, 0.3, 0.125]
    assert len(table) == 2


def test_a_checkpoint_gives_the_same_numbers_back():
    table, restored = RadiusTable(), RadiusTable()
    table.update(["a", "b"], torch.rand(2, dtype=torch.float64))
    file = io.BytesIO()
    torch.save(table.state_dict(), file)
    file.seek(0)
    restored.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(restored.lookup(["a", "b"], 0.0), table.lookup(["a", "b"], 0.0))


def test_one_radius_per_name():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        RadiusTable().update(["a", "b"], torch.tensor([0.1]))
