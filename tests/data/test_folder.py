import pytest
from PIL import Image

from custom.data.folder import find_table, read_class_folders, read_table


@pytest.fixture
def images(tmp_path):
    for name in ("b/1.png", "b/deep/2.JPG", "a/3.nii.gz", "a/notes.txt", "empty/readme.md", "a/.4.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(("png", "JPG")):
            Image.new("L", (3, 3)).save(tmp_path / name)
        else:
            (tmp_path / name).touch()
    return tmp_path


def test_class_folders(images):
    classes, samples = read_class_folders(images)
    assert classes == ["a", "b"]
    assert [(s.image_id, s.label) for s in samples] == [
        ("a/3.nii.gz", 0),
        ("b/1.png", 1),
        ("b/deep/2.JPG", 1),
    ]
    assert len({s.lesion_id for s in samples}) == 3
    with pytest.raises(ValueError, match=r"needs at least two folders of images, .* it has 0"):
        read_class_folders(images / "b" / "deep")
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        read_class_folders(images / "b" / "1.png")


def test_table_with_patients(images):
    table = images / "t.csv"
    table.write_text("image,label,patient\nb/1.png,benign,P1\nb/deep/2.JPG,malignant,P1\na/3.nii.gz,benign,\n")
    classes, samples = read_table(table)
    assert classes == ["benign", "malignant"]
    assert [(s.label, s.lesion_id) for s in samples] == [(0, "P1"), (1, "P1"), (0, "a/3.nii.gz")]
    assert find_table(images) == table
    assert find_table(table) == table
    assert find_table(images / "a") is None
    (images / "u.csv").touch()
    with pytest.raises(ValueError, match="holds 2 CSV files"):
        find_table(images)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image\nb/1.png\n", "lacks the column 'label'"),
        ("image,label\nb/1.png,\n,x\n", "the lines 2, 3 lack an image or a label"),
        ("image,label\nb/1.png,x\nb/1.png,y\n", "1 images are there twice: b/1.png"),
        ("image,label\nb/1.png,x\nb/deep/2.JPG,x\n", "at least two different labels; it has 1"),
    ],
)
def test_bad_tables_give_one_sentence(images, text, message):
    (images / "t.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_table(images / "t.csv")


def test_missing_files(images):
    (images / "t.csv").write_text("image,label\nb/1.png,x\nb/none.png,y\n")
    with pytest.raises(FileNotFoundError, match=r"1 images do not exist, the first is .*none.png"):
        read_table(images / "t.csv")
    with pytest.raises(FileNotFoundError, match="There is no table"):
        read_table(images / "none.csv")
