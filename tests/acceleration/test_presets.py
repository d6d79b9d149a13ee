import pytest

from custom.acceleration import ChannelsLast, ReducedPrecision, create_accelerations
from custom.attacks import PGD


def test_presets_by_name():
    assert create_accelerations("none") == ()
    exact, reduced = create_accelerations("exact"), create_accelerations("bfloat16")
    assert all(acceleration.exact for acceleration in exact)
    assert [type(one) for one in reduced if not one.exact] == [ReducedPrecision]
    assert {type(one) for one in exact} < {type(one) for one in reduced}
    # Accelerations cache what they derive from a network, so every attack has its own.
    assert not set(exact) & set(create_accelerations("exact"))


def test_objects_are_taken_as_they_are():
    own = ChannelsLast()
    assert PGD(epsilon=0.3, steps=7, accelerations=[own]).accelerations == (own,)


def test_unknown_names_are_one_sentence():
    with pytest.raises(ValueError, match="Unknown accelerations 'fast'; use one of none, exact, bfloat16"):
        PGD(epsilon=0.3, steps=7, accelerations="fast")
