"""Small files of every form that ``prepare`` recognizes, as people have them.

Each function fills an empty folder, and returns the arguments of ``scripts/prepare.py`` and the images that each split
will have.
"""

import csv
import io
import json
import zipfile

import numpy as np
from PIL import Image

SEVEN = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
EIGHT = ("B_A", "B_F", "B_PT", "B_TA", "M_DC", "M_LC", "M_MC", "M_PC")


def noise(seed, shape=(12, 9, 3)):
    return np.random.default_rng(seed).integers(0, 255, shape, dtype=np.uint8)


def picture(path, seed, shape=(12, 9, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(seed, shape)).save(path)


def stored(seed):
    file = io.BytesIO()
    Image.fromarray(noise(seed)).save(file, "JPEG")
    return file.getvalue()


def hash_of(*parts):
    return sum(ord(letter) * 257**place for place, letter in enumerate("".join(map(str, parts)))) % 2**31


def write_table(path, header, rows, delimiter=","):
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])


def class_folders(root):
    for seed in range(20):
        suffix = ("png", "jpg", "bmp", "webp", "tif")[seed % 5]
        picture(root / ("benign", "malignant")[seed % 2] / f"P{seed}_left.{suffix}", seed)
    return [root, "--group-pattern", "(P[0-9]+)_"], {"training": 14, "validation": 2, "test": 4}


def split_folders(root):
    for split, number in (("train", 12), ("val", 4), ("test", 6)):
        for seed in range(number):
            picture(root / split / ("NORMAL", "PNEUMONIA")[seed % 2] / f"{split}{seed}.jpeg", hash_of(split, seed))
    return [root], {"training": 12, "validation": 4, "test": 6}


def table_with_patients(root):
    for seed in range(20):
        picture(root / "scans" / f"{seed}.png", seed, (12, 9))
    rows = [(f"scans/{seed}.png", ("x", "y")[seed % 2], f"P{seed // 2}") for seed in range(20)]
    write_table(root / "labels.tsv", ("Image", "Diagnosis", "Patient ID"), rows, "\t")
    return [root / "labels.tsv"], {"training": 14, "validation": 2, "test": 4}


def table_with_splits(root):
    for seed in range(20):
        path = root / f"{seed}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(noise(seed, (12, 9)).astype(np.uint16) * 16).save(path)
    splits = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
    rows = [(f"{seed}.png", ("x", "y")[seed % 2], f"P{seed}", splits[seed]) for seed in range(20)]
    write_table(root / "labels.csv", ("file", "outcome", "case", "fold"), rows, ";")
    named = ["--label-column", "outcome", "--group-column", "case", "--split-column", "fold"]
    return [root / "labels.csv", *named], {"training": 12, "validation": 4, "test": 4}


def isic_2018(root):
    root.mkdir()
    with zipfile.ZipFile(root / "ISIC2018_Task3_Training_Input.zip", "w") as archive:
        for seed in range(70):
            archive.writestr(f"ISIC2018_Task3_Training_Input/ISIC_{seed:07}.jpg", stored(seed))
    rows = [(f"ISIC_{seed:07}", *(float(seed % 7 == place) for place in range(7))) for seed in range(70)]
    write_table(root / "ISIC2018_Task3_Training_GroundTruth.csv", ("image", *map(str.upper, SEVEN)), rows)
    return (
        [root / "ISIC2018_Task3_Training_Input.zip", root / "ISIC2018_Task3_Training_GroundTruth.csv"],
        {"training": 49, "validation": 7, "test": 14},
    )


def isic_2019(root):
    """A column for each class, of which one has no image."""
    for seed in range(20):
        picture(root / "ISIC_2019_Training_Input" / f"ISIC_{seed:07}.jpg", seed)
    rows = [(f"ISIC_{seed:07}", float(seed % 2 == 0), float(seed % 2 == 1), 0.0) for seed in range(20)]
    write_table(root / "ISIC_2019_Training_GroundTruth.csv", ("image", "MEL", "NV", "UNK"), rows)
    return [root], {"training": 14, "validation": 2, "test": 4}


def breakhis(root):
    for seed in range(20):
        kind = ("B_A", "M_DC")[seed % 2]
        patient = 1000 + seed // 2 * 2 + seed % 2
        picture(root / kind / "40X" / f"SOB_{kind}-14-{patient}-40-{seed:03}.png", seed)
        picture(root / kind / "100X" / f"SOB_{kind}-14-{patient}-100-{seed:03}.png", 100 + seed)
    return [root, "--magnification", "40"], {"training": 14, "validation": 2, "test": 4}


def breakhis_types(root):
    for seed in range(80):
        kind = EIGHT[seed % 8]
        picture(root / f"SOB_{kind}-14-{1000 + seed}-200-{seed:03}.png", seed)
    return [root, "--breakhis", "types"], {"training": 56, "validation": 8, "test": 16}


def medmnist(root, size=28, channels=()):
    root.mkdir()
    arrays = {}
    for split, number in (("train", 10), ("val", 4), ("test", 6)):
        shape = (size, size, *channels)
        arrays[f"{split}_images"] = np.stack([noise(hash_of(split, seed), shape) for seed in range(number)])
        arrays[f"{split}_labels"] = np.arange(number)[:, None] % 2
    name = "breastmnist.npz" if size == 28 else f"breastmnist_{size}.npz"
    np.savez_compressed(root / name, **arrays)
    return [root / name], {"training": 10, "validation": 4, "test": 6}


def medmnist_64(root):
    return medmnist(root, 64, (3,))


def medmnist_128(root):
    return medmnist(root, 128)


def medmnist_224(root):
    return medmnist(root, 224, (3,))


def nih(root):
    for seed in range(20):
        picture(root / "images_001" / "images" / f"{seed:08}_000.png", seed, (12, 9))
    rows = [(f"{seed:08}_000.png", ("No Finding", "Effusion")[seed % 2], seed // 2) for seed in range(20)]
    write_table(root / "Data_Entry_2017.csv", ("Image Index", "Finding Labels", "Patient ID"), rows)
    (root / "train_val_list.txt").write_text("\n".join(name for name, *_ in rows[:16]))
    (root / "test_list.txt").write_text("\n".join(name for name, *_ in rows[16:]))
    return [root, "--validation", "0.25"], {"training": 12, "validation": 4, "test": 4}


def datalist(root):
    for seed in range(20):
        picture(root / "imagesTr" / f"{seed}.webp", seed)
    items = [{"image": f"imagesTr/{seed}.webp", "label": seed % 2} for seed in range(20)]
    (root / "dataset.json").write_text(json.dumps({"labels": {"0": "a", "1": "b"}, "training": items}))
    return [root / "dataset.json"], {"training": 14, "validation": 2, "test": 4}


def dicom(root):
    from tests.deploy.dicom_files import photograph, write

    for seed in range(20):
        dataset = photograph(noise(seed), BodyPartExamined=("ARM", "LEG")[seed % 2], PatientID=f"P{seed // 2}")
        write(dataset, root / f"{seed}.ima")
    return [root, "--label-attribute", "BodyPartExamined"], {"training": 14, "validation": 2, "test": 4}


def ham10000(root):
    """All seven classes, of which one is rare."""
    (root / "images").mkdir(parents=True)
    rows = []
    for label, name in enumerate(SEVEN):
        for seed in range(60 if name == "nv" else 10):
            image = f"ISIC_{label}{seed:06}"
            (root / "images" / f"{image}.jpg").write_bytes(stored(1000 * label + seed))
            rows.append((f"HAM_{image}", image, name, "histo", 50, "male", "back"))
    header = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")
    write_table(root / "HAM10000_metadata.csv", header, rows)
    shares = ["--classes", "all", "--validation", "0.1", "--test", "0.2"]
    return [root, *shares], {"training": 84, "validation": 12, "test": 24}


def volume(seed):
    """A bright or dark cube in gray noise, values from 0 to 100."""
    values = np.random.default_rng(seed).normal(50, 5, (12, 12, 12))
    values[4:8, 4:8, 4:8] += 40 if seed % 2 else -40
    return values.clip(0, 100).round().astype(np.int16)


def volumes_in_split_folders(root):
    from tests.volumes import write_nifti

    for split, number in (("train", 8), ("val", 4), ("test", 4)):
        for seed in range(number):
            path = root / split / ("dark", "light")[seed % 2] / f"{split}{seed}.nii.gz"
            write_nifti(path, volume(2 * (hash_of(split, seed) // 2) + seed % 2))
    return [root, "--window", "0", "100"], {"training": 8, "validation": 4, "test": 4}


def volumes_in_a_table(root):
    """Two scans of each patient; the second one's name is without its suffix."""
    from tests.volumes import write_nifti

    for seed in range(16):
        write_nifti(root / "scans" / f"{seed}.nii.gz", volume(seed), np.diag([1.5, 1.5, 3, 1]))
    splits = ["train"] * 8 + ["val"] * 4 + ["test"] * 4
    names = [f"scans/{seed}.nii.gz" if seed % 4 < 2 else str(seed) for seed in range(16)]
    rows = [(names[seed], ("dark", "light")[seed % 2], f"P{seed // 4}{seed % 2}", splits[seed]) for seed in range(16)]
    write_table(root / "labels.csv", ("image", "label", "group", "split"), rows)
    return [root, "--table", root / "labels.csv", "--window", "0", "100"], {"training": 8, "validation": 4, "test": 4}


def medmnist_3d(root):
    root.mkdir()
    arrays = {}
    for split, number in (("train", 8), ("val", 4), ("test", 4)):
        volumes = [volume(2 * (hash_of(split, seed) // 2) + seed % 2).astype(np.uint8) for seed in range(number)]
        arrays |= {f"{split}_images": np.stack(volumes), f"{split}_labels": np.arange(number)[:, None] % 2}
    np.savez_compressed(root / "nodulemnist3d.npz", **arrays)
    return [root / "nodulemnist3d.npz"], {"training": 8, "validation": 4, "test": 4}


FORMS = (
    *(class_folders, split_folders, table_with_patients, table_with_splits, isic_2018, isic_2019, breakhis),
    *(breakhis_types, medmnist, medmnist_64, medmnist_128, medmnist_224, nih, datalist, dicom, ham10000),
)
VOLUME_FORMS = (volumes_in_split_folders, volumes_in_a_table, medmnist_3d)
