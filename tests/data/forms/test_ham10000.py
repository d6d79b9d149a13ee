import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from custom.data.examine import read_all
from custom.data.forms.ham10000 import CLASSES, Row, collect, find_metadata, read_metadata
from custom.data.sources import Sources

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def jpeg(value=0, size=(12, 8)):
    buffer = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(buffer, "JPEG")
    return buffer.getvalue()


def png(size=(12, 8)):
    buffer = io.BytesIO()
    Image.new("L", size, 255).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("separator", [",", "\t"])
def test_metadata_with_commas_or_tabs(separator):
    lines = ['"lesion_id","image_id","dx","age"', '"HAM_1","ISIC_1","NV",45.0', '"","ISIC_2","mel",']
    text = "\ufeff" + "\r\n".join(lines).replace(",", separator)
    assert read_metadata(text.encode(), "m") == [
        Row("ISIC_1", "HAM_1", "nv", (("age", "45.0"),)),
        Row("ISIC_2", "ISIC_2", "mel", (("age", ""),)),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"lesion_id,image_id\n1,2\n", "m lacks the column dx"),
        (b"lesion_id,image_id,dx\n", "m has no rows"),
        (b"\xff\xd8\xff\xe0", "m is not a text table"),
        (b"", "m is empty"),
    ],
)
def test_bad_metadata_gives_one_sentence(content, message):
    with pytest.raises(ValueError, match=message):
        read_metadata(content, "m")


def test_metadata_is_found_once_although_copied(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "HAM10000_metadata").write_text("same")
    (tmp_path / "b" / "HAM10000_metadata.csv").write_text("same")
    with Sources([tmp_path]) as sources:
        assert sources.read(find_metadata(sources)) == b"same"
    (tmp_path / "b" / "HAM10000_metadata.csv").write_text("other")
    with (
        Sources([tmp_path]) as sources,
        pytest.raises(ValueError, match=r"but .* and .* were found; name it with --table"),
    ):
        find_metadata(sources)
    with Sources([]) as sources, pytest.raises(ValueError, match="but none was found; name it with --table"):
        find_metadata(sources)


def test_every_problem_is_listed_by_name_and_left_out(tmp_path):
    files = {
        "good": jpeg(1),
        "masked": jpeg(2),
        "truncated": jpeg(3, (60, 60))[:300],
        "stranger": jpeg(4),
        "twice": jpeg(5),
        "weird": jpeg(6),
        "both1": jpeg(7),
        "both2": jpeg(8),
        "small_mask": jpeg(9),
        "other_class": b"never decoded",
        "masked_segmentation": png(),
        "small_mask_segmentation": png((3, 3)),
    }
    for name, content in files.items():
        (tmp_path / f"{name}.{'png' if 'segmentation' in name else 'jpg'}").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:  # as in Kaggle's archive: every image twice
        archive.writestr("HAM10000_images_part_1/good.jpg", jpeg(1))
        archive.writestr("ham10000_images_part_1/good.jpg", jpeg(1))
        archive.writestr("part_2/differs.jpg", jpeg(10))
    (tmp_path / "differs.jpg").write_bytes(jpeg(11))
    rows = [Row(name, f"lesion of {name}", "mel") for name in ("good", "masked", "truncated", "twice", "twice")]
    rows += [Row("weird", "w", "xyz"), Row("both1", "both", "mel"), Row("both2", "both", "nv")]
    rows += [Row("small_mask", "s", "nv"), Row("differs", "d", "nv"), Row("absent", "a", "nv")]
    rows += [Row("other_class", "o", "df")]
    with Sources([tmp_path]) as sources:
        found = collect(sources, rows, ["mel", "nv"])
        read_all(sources, found)
    assert [(s.image_id, s.label, s.mask is not None) for s in found.samples] == [
        ("good", 0, False),
        ("masked", 0, True),
        ("small_mask", 1, False),
    ]
    assert sum(sample.mask is not None for sample in found.samples) == 1
    assert found.notes[0].endswith("; 1 row without an image.")
    assert found.left_out == {"stranger.jpg": "it has no row in the metadata"}
    assert len(found.problems.pop("images that cannot be read")) == 1
    assert found.problems["lesions of two classes"][0].paths == ("both1", "both2")
    assert {kind: [problem.text for problem in some] for kind, some in found.problems.items()} == {
        "image ids with several rows in the metadata": ["twice"],
        "rows of unknown class": ["weird (xyz)"],
        "lesions of two classes": ["both"],
        "image ids with different images": ["differs"],
        "masks of another size than their image": ["small_mask"],
    }


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "ham10000").exists(), reason="no real images beside the repository")
def test_real_images_and_masks():
    for name, images, masks in (("ham10000", (766, 865, 1099), 8), ("ham10000_native", (14, 16, 17), 5)):
        folder = SHARED / name
        table = next(folder.glob("*metadata.csv"))
        with Sources([folder]) as sources:
            found = collect(sources, read_metadata(table.read_bytes(), table.name), list(CLASSES)[:3])
            read_all(sources, found)
        assert tuple(sum(s.label == k for s in found.samples) for k in range(3)) == images
        assert sum(sample.mask is not None for sample in found.samples) == masks
        assert {kind: [problem.text for problem in some] for kind, some in found.problems.items()} == {}
