"""Each form of data has a page, whose commands run as they are printed on small files of that form."""

import json
import re
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from custom.cli.verbs import VERBS, parser_of, split_overrides
from scripts import check_data, make_volumes, prepare
from tests.deploy.dicom_files import photograph, write
from tests.docs.commands import commands
from tests.scripts import forms
from tests.volumes import write_nifti, write_series

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def into(name, form):
    """A maker of small files, in a folder or archive of the name that a page prints."""
    return lambda here: form(here / name)


def archived(name, folder):
    """Put the files of a folder into a zip archive."""
    with zipfile.ZipFile(name, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)


def table(here):
    for seed in range(20):
        forms.picture(here / "scans" / f"{seed}.png", seed)
    rows = [(f"scans/{seed}.png", "xy"[seed % 2], "ab"[seed % 2], f"P{seed}", f"C{seed}") for seed in range(20)]
    forms.write_table(here / "labels.csv", ("image", "label", "outcome", "Patient ID", "Case No"), rows)


def table_beside_a_folder(here):
    table(here)
    (here / "DIR").mkdir()
    (here / "scans").rename(here / "DIR" / "scans")


def isic_2019(here):
    forms.isic_2019(here / "unpacked")
    archived(here / "ISIC_2019_Training_Input.zip", here / "unpacked" / "ISIC_2019_Training_Input")
    name = "ISIC_2019_Training_GroundTruth.csv"
    (here / "unpacked" / name).rename(here / name)


def isic_2018(here):
    forms.isic_2018(here / "unpacked")
    for file in (here / "unpacked").iterdir():
        file.rename(here / file.name)


def isic_2018_test(here):
    isic_2018(here)
    for name in ("Input.zip", "GroundTruth.csv"):
        target = here / f"ISIC2018_Task3_Test_{name.replace('Input', 'Images')}"
        (here / f"ISIC2018_Task3_Training_{name}").rename(target)


def ham10000(here):
    forms.ham10000(here / "unpacked")
    for part in (1, 2):
        archived(here / f"HAM10000_images_part_{part}.zip", here / "unpacked" / "images")
    (here / "unpacked" / "HAM10000_metadata.csv").rename(here / "HAM10000_metadata.csv")


def ham10000_in_full(here):
    """110 images of each class, as many as the command asks for."""
    rows = []
    for label, name in enumerate(forms.SEVEN):
        for seed in range(110):
            forms.picture(here / "DIR" / "images" / f"ISIC_{label}{seed:06}.jpg", 1000 * label + seed)
            rows.append((f"HAM_{label}{seed:06}", f"ISIC_{label}{seed:06}", name))
    forms.write_table(here / "DIR" / "HAM10000_metadata.csv", ("lesion_id", "image_id", "dx"), rows)


def breakhis(here):
    for seed in range(80):
        for magnification in (40, 200):
            name = f"SOB_{forms.EIGHT[seed % 8]}-14-{1000 + seed}-{magnification}-{seed:03}.png"
            forms.picture(here / "BreaKHis_v1" / f"{magnification}X" / name, magnification + 1000 * seed)


def medmnist(name, form):
    def make(here):
        (made,), _ = form(here / "unpacked")
        made.rename(here / name)

    return make


def dicom_in_class_folders(here):
    for seed in range(20):
        write(photograph(forms.noise(seed), PatientID=f"P{seed}"), here / "DIR" / "ab"[seed % 2] / f"{seed}.dcm")


def dicom_by_a_table(here):
    for seed in range(20):
        values = forms.noise(seed, (9, 12, 1)).astype(np.int16) * 16
        write_series(here / "DIR" / str(seed), values, patient=f"P{seed}")
    rows = [(f"DIR/{seed}/slice_99.dcm", "ab"[seed % 2]) for seed in range(20)]
    forms.write_table(here / "labels.csv", ("image", "label"), rows)


def dicom_series(here):
    for seed in range(20):
        where = here / "DIR" / ("benign", "malignant")[seed % 2] / f"P{seed}" / "series 1"
        write_series(where, forms.volume(seed)[:, :, :6], patient=f"P{seed}")


def volumes(here):
    for seed in range(20):
        write_nifti(here / "DIR" / ("healthy", "lesion")[seed % 2] / f"{seed:03}.nii.gz", forms.volume(seed))


MAKERS = {
    "breakhis": [breakhis, breakhis],
    "class-folders": [into("DIR", forms.class_folders)] * 2,
    "datalists": [into("", forms.datalist)],
    "dicom": [dicom_in_class_folders, dicom_by_a_table, into("DIR", forms.dicom)],
    "dicom-series": [dicom_series],
    "ham10000": [ham10000, ham10000_in_full, into("DIR", forms.ham10000), isic_2018_test],
    "medmnist": [
        medmnist("pathmnist_64.npz", forms.medmnist_64),
        medmnist("breastmnist_224.npz", forms.medmnist_224),
    ],
    "nih-chest-x-rays": [into("DIR", forms.nih)],
    "one-hot-tables": [isic_2019, isic_2018],
    "split-folders": [into("DIR", forms.split_folders)],
    "tables": [table, table_beside_a_folder],
    "volumes": [volumes],
}
"""For each page what makes the files of each of its commands that prepare."""


def printed(page, program):
    """The commands of a page that call a program, as words."""
    lines = commands((HOW_TO / f"{page}.md").read_text(encoding="utf-8"))
    return [shlex.split(line) for line in lines if program in line]


def test_every_form_has_a_page():
    overview = (HOW_TO / "prepare-your-images.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\|.*\((.+)\.md\) \|$", overview, re.MULTILINE)) == set(MAKERS)


@pytest.mark.parametrize("page", MAKERS)
def test_the_commands_of_a_page_run_on_files_of_its_form(page, tmp_path, monkeypatch, capsys):
    prepared = printed(page, "scripts/prepare.py")
    assert len(prepared) == len(MAKERS[page])
    made = {}
    for number, (words, make) in enumerate(zip(prepared, MAKERS[page], strict=True)):
        here = tmp_path / str(number)
        here.mkdir()
        make(here)
        monkeypatch.chdir(here)
        assert prepare.main(words[2:]) == 0, capsys.readouterr().err
        made.setdefault(words[words.index("--output") + 1], here)
    for words in printed(page, "scripts/make_volumes.py"):
        monkeypatch.chdir(tmp_path)
        assert make_volumes.main([*words[2:], "--per-class", "8"]) == 0, capsys.readouterr().err
        made[words[words.index("--output") + 1]] = tmp_path
    for words in printed(page, "scripts/check_data.py"):
        monkeypatch.chdir(made[words[2]])
        assert check_data.main(words[2:]) == 0
    trainings = [words for words in printed(page, " train") + printed(page, "train.sh") if "--data" in words]
    assert trainings
    for words in trainings:
        data = words[words.index("--data") + 1]
        monkeypatch.chdir(made[data])
        own, overrides = split_overrides(words[words.index("--data") :], parser_of("train", VERBS["train"]))
        steps = VERBS["train"].steps(parser_of("train", VERBS["train"]).parse_args(own), overrides)
        training, evaluation = (str(step) for step in steps if step.arguments)
        assert f"--dataset_dir {data} " in training
        assert ("volume.json" in training) == ("spacing" in json.loads(Path(data, "datalist.json").read_text()))
        assert "evaluate.json" in evaluation
