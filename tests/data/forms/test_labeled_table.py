import zipfile

import pytest

from tests.data.forms.reading import read, texts


def rows(found):
    return {s.image_id: (found.classes[s.label], s.lesion_id, s.split) for s in found.samples}


@pytest.mark.parametrize("group", ["Patient ID", "PatientID", "subject_id", " patient_id", "Lesion-ID"])
def test_group_columns_in_any_spelling(write_images, group):
    root = write_images("1.png", "2.png", "3.png")
    (root / "t.csv").write_text(f"image,label,{group}\n1.png,x,P1\n2.png,y,P1\n3.png,y,\n")
    found = read(root)
    assert rows(found) == {"1.png": ("x", "P1", None), "2.png": ("y", "P1", None), "3.png": ("y", "3.png", None)}
    assert found.grouped_by == f"the column {group.strip()!r}"


@pytest.mark.parametrize(
    "content",
    [
        b"image;label\n1.png;x\n2.png;y\n",
        b"image,label\r1.png,x\r2.png,y\r",
        b"Image\tLABEL\n1.png\tx\n2.png\ty\n",
        b"\xef\xbb\xbf image , label \r\n1.png , x \r\n2.png,y\r\n",
        "image,label\n1.png,x\n2.png,y\n".encode("utf-16"),
        b"filename|Diagnosis\n1|x\n2|y\n",
    ],
)
def test_delimiters_marks_blanks_and_names_without_suffix(write_images, content):
    root = write_images("1.png", "2.png")
    (root / "t.csv").write_bytes(content)
    assert rows(read(root)) == {"1.png": ("x", "1.png", None), "2.png": ("y", "2.png", None)}


def test_a_split_column_is_kept(write_images):
    root = write_images("1.png", "2.png")
    (root / "t.csv").write_text("image,label,Split\n1.png,x,Train\n2.png,y,test\n")
    assert [split for *_, split in rows(read(root)).values()] == ["training", "test"]
    (root / "t.csv").write_text("image,label,split\n1.png,x,Train\n2.png,y,fold 3\n")
    with pytest.raises(ValueError, match=r"the column 'split' holds 'fold 3', which names no split"):
        read(root)


def test_one_column_for_each_class(write_images):
    root = write_images("ISIC_1.jpg", "ISIC_2.jpg", "ISIC_3.jpg", "ISIC_4.jpg")
    table = "image,MEL,NV,UNK\nISIC_1,1.0,0.0,0.0\nISIC_2,0.0,1.0,0.0\nISIC_3,1.0,1.0,0.0\nISIC_4,0.0,0.0,0.0\n"
    (root / "GroundTruth.csv").write_text(table)
    found = read(root)
    assert found.classes == ["MEL", "NV"]
    assert {name: label for name, (label, *_) in rows(found).items()} == {"ISIC_1.jpg": "MEL", "ISIC_2.jpg": "NV"}
    assert texts(found, "rows without an image or one label") == ["row 4 ISIC_3", "row 5 ISIC_4"]
    assert read(root, empty_classes=True).classes == ["MEL", "NV", "UNK"]


def test_nih_tables_and_their_lists(write_images):
    root = write_images("images_001/images/1_0.png", "images_001/images/1_1.png", "images_002/images/2_0.png")
    (root / "Data_Entry_2017.csv").write_text(
        "Image Index,Finding Labels,Patient ID,Patient Age\n"
        "1_0.png,Effusion,1,58\n1_1.png,Effusion|Mass,1,59\n2_0.png,No Finding,2,7\n"
    )
    (root / "train_val_list.txt").write_text("1_0.png\n1_1.png\n")
    (root / "test_list.txt").write_text("2_0.png\n")
    found = read(root)
    assert rows(found) == {
        "images_001/images/1_0.png": ("Effusion", "1", "training"),
        "images_002/images/2_0.png": ("No Finding", "2", "test"),
    }
    assert found.left_out["1_1.png"] == "it has several labels (Effusion|Mass)"
    assert found.samples[0].attributes == {"Patient Age": "58"}


def test_every_row_that_cannot_be_used_is_named(write_images):
    root = write_images("1.png", "2.png", "p/3.png", "q/3.png", "4.png")
    (root / "t.csv").write_text("image,label\n1.png,x\n2.png,y\n1.png,x\n2.png,x\nnone.png,y\n3.png,x\n4.png,\n,x\n")
    found = read(root)
    assert texts(found, "images that are in the table twice") == ["1.png", "2.png (as y and x)"]
    assert texts(found, "images of the table that cannot be found") == [
        "none.png (there is no such file)",
        "3.png (there are 2 different files of this name)",
    ]
    assert texts(found, "rows without an image or one label") == ["row 8 4.png", "row 9"]


def test_masks_and_images_outside_the_folder(write_images, tmp_path):
    write_images("1.png", "1_mask.png", root=tmp_path / "elsewhere")
    root = write_images("2.png")
    (root / "t.csv").write_text("image,label,mask\n../elsewhere/1.png,x,../elsewhere/1_mask.png\n2.png,y,\n")
    first, second = read(root).samples
    assert first.image_id == "elsewhere/1.png"
    assert first.mask.path == tmp_path / "elsewhere" / "1_mask.png"
    assert second.mask is None


def test_columns_named_by_options(write_images):
    root = write_images("1.png", "2.png")
    (root / "t.csv").write_text("a,b,c,d\n1.png,x,G,val\n2.png,y,H,train\n")
    with pytest.raises(ValueError, match="at least two folders"):
        read(root)
    found = read(root, image_column="A", label_column="b", group_column="c", split_column="D")
    assert rows(found) == {"1.png": ("x", "G", "validation"), "2.png": ("y", "H", "training")}
    with pytest.raises(ValueError, match="has no column 'e': it has a, b, c, d"):
        read(root, image_column="e")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image\n1.png\n", r"t.csv has no column of labels that is recognized \(image\); name it with --label-column"),
        ("who,label\nx,y\n", "no column of images that is recognized"),
        ("image,label\n1.png,x\n2.png,x\n", "at least two different labels; it has 1"),
        ("image,label\n", "has no rows"),
        ("", "is empty"),
        ("image,label\n1.png,x,y,z\n", "row 2 has 4 cells, but the header has 2 columns"),
        ('image,label\n"1.png"z,x\n', r"t.csv is not a table that can be read: in line 2 something follows a closing"),
        ('image,label\n1.png,"x\n2.png,y\n', "in line 2 a cell begins with a quotation mark and never ends"),
        (f"image,label\n1.png,{'x' * 2**18}\n", "in line 2 a cell is too long"),
        ("image,label,label\n", "has two columns named 'label'"),
    ],
)
def test_bad_tables_give_one_sentence(write_images, text, message):
    root = write_images("1.png", "2.png")
    (root / "t.csv").write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read(root / "t.csv")
    assert "\n" not in str(caught.value)


def test_two_tables_and_a_spreadsheet(write_images):
    root = write_images("1.png", "2.png")
    for name in ("t.csv", "u.csv"):
        (root / name).write_text(f"image,label\n1.png,x\n2.png,{name}\n")
    with pytest.raises(ValueError, match=r"2 tables of images and labels \(t.csv and u.csv\); name one with --table"):
        read(root)
    assert read(root, table=root / "u.csv").classes == ["u.csv", "x"]
    (root / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match="is a spreadsheet; save it as CSV"):
        read(root / "t.xlsx")


def test_a_table_in_an_archive(write_images, tmp_path):
    root = write_images("1.png", "2.png")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("set/labels.csv", "image,label\nimg/1.png,x\nimg/2.png,y\n")
        for name in ("1.png", "2.png"):
            archive.write(root / name, f"set/img/{name}")
    found = read(tmp_path / "all.zip")
    assert {name: label for name, (label, *_) in rows(found).items()} == {"set/img/1.png": "x", "set/img/2.png": "y"}
