import csv
import json

import pytest
from PIL import Image

from custom.data import class_descriptions, class_names, data_hash, group_unit, load_datalist, write_datalist
from tests.data.small_set import change


@pytest.fixture
def folder(tmp_path):
    """A data set of 2 + 2 + 2 images."""
    items = {}
    for split in ("training", "validation", "test"):
        items[split] = []
        for label in (0, 1):
            name = f"{split}{label}.png"
            Image.new("RGB", (4, 4), (10 * label, 0, 0)).save(tmp_path / name)
            items[split].append({"image": name, "label": label, "image_id": name[:-4], "lesion_id": f"L{label}"})
    write_datalist(tmp_path, "tiny", {"A": "first", "B": "second, with comma"}, items, licence="none")
    return tmp_path


def test_written_and_read_back(folder):
    items = load_datalist(folder / "datalist.json", "test")
    assert items == load_datalist(str(folder), "test")
    assert items[1] == {
        "image": str(folder / "test1.png"),
        "label": 1,
        "image_id": "test1",
        "lesion_id": "L1",
    }
    assert class_names(folder) == ["A", "B"]
    content = json.loads((folder / "datalist.json").read_text())
    assert content["licence"] == "none"
    assert content["labels"] == {"0": "A", "1": "B"}
    with (folder / "classes.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["label", "name", "description", "training", "validation", "test"]
    assert rows[2] == ["1", "B", "second, with comma", "1", "1", "1"]
    assert not list(folder.glob(".*"))


def test_ids_have_defaults(folder):
    def edit(content):
        del content["test"][0]["image_id"], content["test"][0]["lesion_id"]
        del content["test"][1]["lesion_id"]

    change(folder, edit)
    first, second = load_datalist(folder, "test")
    assert (first["image_id"], first["lesion_id"]) == ("test0.png", "test0.png")
    assert (second["image_id"], second["lesion_id"]) == ("test1", "test1")


def test_masks_are_absolute_and_must_exist(folder):
    change(folder, lambda c: c["test"][0].update(mask="test1.png"))
    assert load_datalist(folder, "test", masks=True)[0]["mask"] == str(folder / "test1.png")
    change(folder, lambda c: c["test"][0].update(mask="masks/none.png"))
    with pytest.raises(FileNotFoundError, match=r"1 file of 'test' cannot be found, the first is .*none.png"):
        load_datalist(folder, "test", masks=True)


def test_masks_come_where_they_are_asked_for_so_that_any_items_go_into_one_batch(folder):
    change(folder, lambda c: c["test"][0].update(mask="test1.png"))
    items = load_datalist(folder, "test")
    assert [set(item) for item in items] == [{"image", "label", "image_id", "lesion_id"}] * 2


def test_paths_may_leave_the_folder(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "x.png"
    Image.new("RGB", (4, 4)).save(other)
    change(folder, lambda c: c["test"][0].update(image=f"../{other.parent.name}/x.png"))
    assert load_datalist(folder, "test")[0]["image"] == str(other)


def test_missing_datalist_names_the_commands_that_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No datalist .*make_synthetic.py --output DIR.*prepare\.py PATH"):
        load_datalist(tmp_path)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.pop("test"), "has no split 'test': it has training, validation"),
        (lambda c: c.update(test=[]), "the split 'test' is empty"),
        (lambda c: c["test"][0].update(label=2), "test0.png in 'test' has the label 2, .* from 0 to 1"),
        (lambda c: c["test"][0].update(label="A"), "has the label 'A'"),
        (lambda c: c["test"][0].update(mask=5), "the mask of 'test0.png' is 5, which is not a path"),
        (lambda c: c["test"][0].update(image="a\0.png"), "the image of .* which is not a path"),
        (lambda c: c["labels"].update({"0": None}), "a class is named None"),
        (lambda c: c["labels"].update({"0": "$x"}), "begins with"),
        (lambda c: c["test"][0].update(image="training0.png"), "training0.png is in 'test' and in 'training'"),
        (lambda c: c["test"][0].update(label=True), "has the label True"),
        (lambda c: c["test"][0].pop("label"), "needs 'image' .* and 'label'"),
        (
            lambda c: c["test"][1].update(image_id="test0"),
            "repeats 1 image id in 'test', the first is test0",
        ),
        (lambda c: c.pop("labels"), 'needs "labels" with the class names numbered from "0"'),
        (lambda c: c.update(labels={"1": "A", "2": "B"}), 'needs "labels"'),
    ],
)
def test_bad_datalists_give_one_sentence(folder, edit, message):
    change(folder, edit)
    with pytest.raises(ValueError, match=message):
        load_datalist(folder, "test")


def test_descriptions_end_at_the_colon_and_are_those_of_classes(folder):
    change(folder, lambda c: c.pop("class_descriptions", None))
    assert class_descriptions(folder) == {}
    write_datalist(folder, "tiny", {"A": "adenoma: round", "B": ""}, {"training": []})
    assert class_descriptions(folder) == {"A": "adenoma"}
    change(folder, lambda c: c.update(class_descriptions={"C": "carcinoma"}))
    with pytest.raises(ValueError, match="class_descriptions describe 'C'; the classes are A, B"):
        class_descriptions(folder)
    change(folder, lambda c: c.update(class_descriptions=["adenoma"]))
    with pytest.raises(ValueError, match="must give a text for each class name"):
        class_descriptions(folder)


def test_missing_images_are_counted_and_the_first_named(folder):
    (folder / "training0.png").unlink()
    (folder / "training1.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"2 files of 'training' cannot be found, the first is .*training0.png"):
        load_datalist(folder, "training")


def test_a_missing_class_stops_training_and_warns_elsewhere(folder):
    change(folder, lambda c: (c["training"].pop(), c["test"].pop()))
    with pytest.raises(ValueError, match="'training' has no image of B"):
        load_datalist(folder, "training")
    with pytest.warns(UserWarning, match="'test' has no image of B"):
        assert len(load_datalist(folder, "test")) == 1


def test_broken_json_names_the_file(folder):
    (folder / "datalist.json").write_text("{")
    with pytest.raises(ValueError, match=r"datalist.json is not valid JSON"):
        class_names(folder)


def test_hash_follows_content_and_not_place(folder, tmp_path_factory):
    before = data_hash(folder)
    assert len(before) == 64
    moved = tmp_path_factory.mktemp("moved") / "deeper"
    folder.rename(moved)
    assert data_hash(moved) == before
    change(moved, lambda c: c.update(name="other"))
    assert data_hash(moved) == before
    Image.new("RGB", (4, 4), (1, 2, 3)).save(moved / "test0.png")
    pixels = data_hash(moved)
    assert pixels != before
    change(moved, lambda c: c["test"][0].update(label=1, mask="test1.png"))
    assert data_hash(moved) not in (before, pixels)


def test_an_interrupted_write_leaves_the_old_datalist(folder):
    before = (folder / "datalist.json").read_bytes()
    with pytest.raises(TypeError):
        write_datalist(folder, "tiny", {"A": ""}, {"training": []}, bad=object())
    assert (folder / "datalist.json").read_bytes() == before


def test_classes_other_than_those_expected(folder):
    assert load_datalist(folder, "test", classes=["A", "B"]) == load_datalist(folder, "test")
    for classes in (["B", "A"], ["A"]):
        with pytest.raises(ValueError, match=r"has the classes A, B, but .* are expected, in this order"):
            load_datalist(folder, "test", classes=classes)


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ({}, "group"),
        ({"split_by": "group"}, "group"),
        ({"split_by": "lesion"}, "lesion"),
        ({"split_by": "group", "grouped_by": "the column 'Patient ID'"}, "patient"),
        ({"split_by": "group", "grouped_by": "PatientID"}, "patient"),
        ({"split_by": "group", "grouped_by": "the pattern in the file names"}, "group"),
    ],
)
def test_what_groups_are(tmp_path, said, unit):
    (tmp_path / "datalist.json").write_text(json.dumps({"labels": {"0": "A", "1": "B"}, **said}))
    assert group_unit(tmp_path) == unit
