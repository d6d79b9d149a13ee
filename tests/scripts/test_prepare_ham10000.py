import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from custom.data import load_datalist
from scripts.prepare import main
from tests.cli.programs import run_program

CODES = ("mel", "bkl", "nv", "df")


def picture(number, kind="JPEG"):
    image = Image.new("RGB", (20, 16), (number, 99, 0)) if kind == "JPEG" else Image.new("L", (20, 16), 255)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def ham(tmp_path):
    """A folder of 4 classes with 8, 9, 10 and 11 images; every third lesion has two images."""
    (tmp_path / "ham" / "images").mkdir(parents=True)
    rows = []
    for label, code in enumerate(CODES):
        for number in range(8 + label):
            image_id = f"ISIC_{label}{number:02d}"
            (tmp_path / "ham" / "images" / f"{image_id}.jpg").write_bytes(picture(20 * label + number))
            rows.append((f"HAM_{label}{number - (number % 3 == 1):02d}", image_id, code))
    write_metadata(tmp_path / "ham" / "HAM10000_metadata.csv", rows)
    return tmp_path / "ham"


def write_metadata(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("lesion_id", "image_id", "dx"), *rows])


def run(ham, *more, output="out", counts=("--train", "5", "--validation", "1", "--test", "3")):
    return main([str(ham), "--output", str(ham.parent / output), *counts, *more])


def read(ham, output="out"):
    return {s: load_datalist(ham.parent / output, s, masks=True) for s in ("training", "validation", "test")}


def test_split_by_lesion_with_exact_counts_and_images_that_stay(ham, capsys):
    assert run(ham) == 0
    splits = read(ham)
    for name, number in (("training", 4), ("validation", 1), ("test", 3)):
        assert [sum(i["label"] == k for i in splits[name]) for k in range(3)] == [number] * 3
    sides = [{item["lesion_id"] for item in items} for items in splits.values()]
    assert len(set.union(*sides)) == sum(map(len, sides))
    assert Path(splits["test"][0]["image"]).parent == ham / "images"
    assert not (ham.parent / "out" / "images").exists()
    content = json.loads((ham.parent / "out" / "datalist.json").read_text())
    assert content["labels"] == {"0": "MEL", "1": "BKL", "2": "NV"}
    assert content["training"][0]["image"].startswith("../ham/images/ISIC_")
    table = (ham.parent / "out" / "classes.csv").read_text().splitlines()
    assert table[1] == "0,MEL,melanoma,4,1,3"
    printed = capsys.readouterr().out
    assert "27 usable images, 0 with a lesion mask; 0 rows without an image." in printed
    assert "test: MEL 3, BKL 3, NV 3, of" in printed


def test_the_seed_and_the_kind_of_split_count(ham):
    ids = []
    for number, more in enumerate((["--seed", "1"], ["--seed", "1"], ["--seed", "2"], ["--split-by", "image"])):
        assert run(ham, *more, output=f"out{number}") == 0
        ids.append([item["image_id"] for item in read(ham, f"out{number}")["training"]])
    assert ids[0] == ids[1] != ids[2]
    assert ids[3] != ids[0]


def test_dataverse_archives_with_masks(ham, tmp_path):
    for part in (1, 2):
        with zipfile.ZipFile(tmp_path / f"HAM10000_images_part_{part}.zip", "w") as archive:
            for file in sorted((ham / "images").iterdir())[part - 1 :: 2]:
                archive.write(file, file.name)
    masks = tmp_path / "HAM10000_segmentations_lesion_tschandl.zip"
    with zipfile.ZipFile(masks, "w") as archive:
        for file in (ham / "images").glob("ISIC_0*"):
            archive.writestr(f"lesions/{file.stem}_segmentation.png", picture(0, "PNG"))
            archive.writestr(f"__MACOSX/lesions/._{file.stem}_segmentation.png", b"")
    table = (ham / "HAM10000_metadata.csv").read_text().replace(",", "\t")
    (tmp_path / "HAM10000_metadata.tab").write_text(table)
    parts = [str(tmp_path / f"HAM10000_images_part_{part}.zip") for part in (1, 2)]
    arguments = [
        *parts,
        "--masks",
        str(masks),
        "--metadata",
        str(tmp_path / "HAM10000_metadata.tab"),
    ]
    counts = ["--train", "5", "--validation", "1", "--test", "3"]
    assert main([*arguments, *counts, "--output", str(tmp_path / "zipped")]) == 0
    assert run(ham) == 0
    plain, zipped = read(ham), read(ham, "zipped")
    for name in plain:
        assert [i["image_id"] for i in plain[name]] == [i["image_id"] for i in zipped[name]]
        for one, two in zip(plain[name], zipped[name], strict=True):
            assert Path(one["image"]).read_bytes() == Path(two["image"]).read_bytes()
            assert ("mask" in two) == (two["label"] == 0)
    chosen = sum(map(len, zipped.values()))
    assert len(list((tmp_path / "zipped" / "images").iterdir())) == chosen == 24
    assert len(list((tmp_path / "zipped" / "masks").iterdir())) == 8


def test_kaggle_archive_with_everything_twice(ham, tmp_path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.write(ham / "HAM10000_metadata.csv", "HAM10000_metadata.csv")
        archive.writestr("hmnist_8_8_L.csv", "pixel0000\n")
        for file in (ham / "images").iterdir():
            for folder in ("HAM10000_images_part_1", "ham10000_images_part_1"):
                archive.write(file, f"{folder}/{file.name}")
    assert run(tmp_path / "archive.zip") == 0
    assert len(read(ham)["test"]) == 9


def test_all_classes_and_fit(ham, capsys):
    assert run(ham, "--classes", "all") == 1
    error = capsys.readouterr().err
    assert "No usable image of AKIEC, BCC, VASC found; leave it out with --classes." in error
    assert run(ham, "--classes", *CODES, "--fit", counts=()) == 0  # 8 images where 1099 are asked for
    numbers = {name: len(items) for name, items in read(ham).items()}
    assert numbers == {"training": 20, "validation": 4, "test": 8}


def test_too_few_images_give_the_numbers_and_what_fits(ham, capsys):
    assert run(ham, counts=("--train", "10", "--validation", "2", "--test", "6")) == 1
    error = capsys.readouterr().err
    assert "Too few images for 16 of each class, as there are MEL 8, BKL 9, NV 10: " in error
    assert "--train 5 --validation 1 --test 3 would fit, and --fit takes" in error
    assert not (ham.parent / "out").exists()
    assert run(ham, counts=("--train", "5", "--validation", "1", "--test", "3")) == 0


def test_bad_data_are_listed_and_can_be_skipped(ham, capsys):
    (ham / "images" / "ISIC_200.jpg").write_bytes(picture(0)[:200])
    (ham / "images" / "ISIC_unknown.jpg").write_bytes(picture(0))
    assert run(ham) == 1
    error = capsys.readouterr().err
    assert "images that cannot be read (1): ISIC_200 (" in error
    assert "nothing was written: --skip-bad leaves them out" in error
    assert sorted(p.name for p in ham.parent.iterdir()) == ["ham"]
    assert run(ham, "--skip-bad") == 0
    assert "left out: images that cannot be read (1): ISIC_200 (" in capsys.readouterr().err
    assert "ISIC_200" not in {item["image_id"] for items in read(ham).values() for item in items}


def test_rows_without_images_are_counted(ham, capsys):
    for file in list((ham / "images").glob("ISIC_2*"))[:2]:
        file.unlink()
    assert run(ham) == 0
    assert "25 usable images, 0 with a lesion mask; 2 rows without an image." in capsys.readouterr().out


def test_the_output_is_protected(ham, capsys):
    assert run(ham) == 0
    assert run(ham) == 1
    assert "already holds a data set; --overwrite replaces it" in capsys.readouterr().err
    assert run(ham, "--overwrite", "--seed", "5") == 0
    assert run(ham, output="ham/images") == 1
    assert "holds other files" in capsys.readouterr().err
    assert len(list((ham / "images").iterdir())) == 38
    out = ham.parent / "out"
    (ham / "images").rename(out / "images")  # now the images to be read lie where the output would be
    metadata = ["--metadata", str(ham / "HAM10000_metadata.csv")]
    assert main([str(out), *metadata, "--output", str(out), "--overwrite"]) == 1
    assert "out holds images to be read; pass another folder as the output" in capsys.readouterr().err
    assert len(list((out / "images").iterdir())) == 38


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--classes mel", "--classes takes 'all' or at least two different ones of mel, bkl"),
        ("--classes mel xyz", "--classes takes 'all' or at least two different ones of mel, bkl"),
        ("--classes mel mel", "--classes takes 'all' or at least two different ones of mel, bkl"),
        ("--validation 5", "--validation is taken out of --train, so it must be smaller"),
        ("--test 0", "every count at least 1"),
    ],
)
def test_impossible_options_give_one_sentence(ham, arguments, message, capsys):
    assert run(ham, *arguments.split()) == 1
    assert message in capsys.readouterr().err
    assert not (ham.parent / "out").exists()


def test_from_another_folder_without_traceback(ham, monkeypatch):
    monkeypatch.chdir(ham)
    done = run_program("scripts/prepare.py nowhere --output x")
    assert done.code == 1
    assert done.stderr == "prepare.py: nowhere does not exist; pass a folder, a table or a zip archive.\n"
    assert not (ham / "x").exists()
