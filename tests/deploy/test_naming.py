from types import SimpleNamespace

import numpy as np

from deploy.case import Source
from deploy.naming import output_name


def named(name: str, header: object = None) -> str:
    return output_name(Source(name, np.zeros((1, 1, 3), np.uint8), "", header))


def test_dicom_outputs_bear_the_uid_of_their_source() -> None:
    assert named("a/b.dcm", SimpleNamespace(SOPInstanceUID="1.2.3")) == "1.2.3"


def test_pictures_that_look_alike_get_names_of_their_own() -> None:
    names = ["a/b.jpg", "a_b.jpg", "a b.jpg", "a/b.png", "é.jpg", "..jpg", "x" * 300 + "/b.jpg"]
    found = [named(name) for name in names]
    assert len(set(found)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-") for name in found)
    assert not any(name.startswith(".") for name in found)
    assert max(map(len, found)) < 120
    assert found[0] == named("a/b.jpg")
