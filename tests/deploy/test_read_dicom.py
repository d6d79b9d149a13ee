from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from pydicom.uid import (
    JPEG2000,
    CTImageStorage,
    DermoscopicPhotographyImageStorage,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    MediaStorageDirectoryStorage,
    SecondaryCaptureImageStorage,
)

from deploy.case import Lossy
from deploy.notices import APPLICATION
from deploy.read_source import read_source
from deploy.refusal import RefusalError
from tests.deploy.dicom_files import colors, content, encoded, photograph


def read(folder: Path, file: bytes) -> Any:
    (folder / "a").write_bytes(file)
    return read_source(folder / "a", "a")


@pytest.mark.parametrize("kind", [None, SecondaryCaptureImageStorage, DermoscopicPhotographyImageStorage])
def test_a_photograph_is_read_with_its_header(tmp_path: Path, kind: str | None) -> None:
    dataset = photograph(colors(), **({"SOPClassUID": kind} if kind else {}))
    source = read(tmp_path, content(dataset))
    assert np.array_equal(source.pixels, colors())
    assert source.header.SOPInstanceUID == dataset.SOPInstanceUID
    assert "PixelData" not in source.header
    assert source.lossy is None


def test_an_odd_number_of_bytes_is_no_harm(tmp_path: Path) -> None:
    assert np.array_equal(read(tmp_path, content(photograph(colors(5, 5)))).pixels, colors(5, 5))


def test_lossy_compression_is_told_or_found(tmp_path: Path) -> None:
    frame = encoded(colors(45, 60))
    told = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": [10, 20],
        "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
    }
    source = read(tmp_path, content(photograph(colors(), **told)))
    assert source.lossy == Lossy((10.0, 20.0), ("ISO_10918_1", "ISO_15444_1"))
    found = read(tmp_path, content(photograph(colors(45, 60), frame, JPEGBaseline8Bit, "YBR_FULL_422"))).lossy
    assert found.methods == ("ISO_10918_1",)
    assert found.ratios[0] == pytest.approx(45 * 60 * 3 / len(frame), rel=0.05)
    wavelets = encoded(colors(), format="JPEG2000", no_jp2=True, mct=1)
    assert read(tmp_path, content(photograph(colors(), wavelets, JPEG2000Lossless, "YBR_RCT"))).lossy is None
    lossless = photograph(colors(), wavelets, JPEG2000, "YBR_RCT", LossyImageCompression="00")
    assert read(tmp_path, content(lossless)).lossy is None


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"PixelData": None}, r"it has no pixel data \(VL Photographic Image Storage\)"),
        ({"SOPClassUID": CTImageStorage}, "it is a CT Image Storage: only VL Photographic Image Storage"),
        ({"ManufacturerModelName": APPLICATION}, "it is an overlay that this application made"),
        ({"Rows": 0}, "it has 0 rows and 16 columns, so no pixels"),
        ({"Columns": None}, "it has 12 rows and 0 columns, so no pixels"),
        ({"NumberOfFrames": 3}, "it has 3 frames"),
        ({"PhotometricInterpretation": "MONOCHROME2"}, "its photometric interpretation is MONOCHROME2 with 3 samples"),
        ({"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}, "it has 16 bits per sample, of which 16 are used"),
        ({"BitsStored": 7, "HighBit": 6}, "it has 8 bits per sample, of which 7 are used"),
        ({"PixelRepresentation": 1}, "only 8 unsigned bits"),
        ({"PhotometricInterpretation": "HSV"}, "its photometric interpretation is HSV"),
        ({"PhotometricInterpretation": None}, "its photometric interpretation is missing"),
        ({"StudyInstanceUID": None}, "its StudyInstanceUID is missing"),
        ({"SOPInstanceUID": "../../1"}, r"its SOPInstanceUID is \.\./\.\./1, which is not a valid UID"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_what_cannot_be_classified_is_refused_in_one_sentence(
    tmp_path: Path, attributes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RefusalError, match=reason) as caught:
        read(tmp_path, content(photograph(colors(), **attributes)))
    assert "\n" not in str(caught.value)


def test_the_directory_of_a_medium_is_no_image(tmp_path: Path) -> None:
    dataset = photograph(colors(), SOPClassUID=MediaStorageDirectoryStorage)
    with pytest.raises(RefusalError, match="DICOMDIR"):
        read(tmp_path, content(dataset))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    whole = content(photograph(colors()))
    for size in (132, 140, 200, 400, len(whole) - 100):
        with pytest.raises(RefusalError):
            read(tmp_path, whole[:size])
