import pytest

from custom.data.dataset_folder import new_dataset_folder


def test_folder_appears_complete(tmp_path):
    output = tmp_path / "new" / "set"
    with new_dataset_folder(output) as folder:
        assert folder.parent == output.parent
        assert not output.exists()
        (folder / "datalist.json").write_text("1")
    assert [p.name for p in output.parent.iterdir()] == ["set"]
    assert (output / "datalist.json").read_text() == "1"


def test_an_error_leaves_nothing(tmp_path):
    def interrupted():
        with new_dataset_folder(tmp_path / "set") as folder:
            (folder / "images").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_replaced_only_when_asked_and_only_data_sets(tmp_path):
    output = tmp_path / "set"
    output.mkdir()
    (output / "datalist.json").write_text("old")
    with (
        pytest.raises(FileExistsError, match="set already holds a data set; --overwrite"),
        new_dataset_folder(output),
    ):
        pass
    with pytest.raises(ZeroDivisionError), new_dataset_folder(output, overwrite=True):
        raise ZeroDivisionError
    assert (output / "datalist.json").read_text() == "old"
    with new_dataset_folder(output, overwrite=True) as folder:
        (folder / "datalist.json").write_text("new")
    assert (output / "datalist.json").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
    (output / "thesis.doc").write_text("precious")
    with (
        pytest.raises(FileExistsError, match=r"other files \(thesis.doc\)"),
        new_dataset_folder(output, True),
    ):
        pass
    with pytest.raises(NotADirectoryError, match="is a file"), new_dataset_folder(output / "thesis.doc"):
        pass


def test_an_empty_folder_is_used(tmp_path):
    with new_dataset_folder(tmp_path / "a") as folder:
        (folder / "datalist.json").write_text("")
    (tmp_path / "b").mkdir()
    with new_dataset_folder(tmp_path / "b") as folder:
        (folder / "datalist.json").write_text("")
    assert (tmp_path / "b" / "datalist.json").exists()


def test_a_data_set_that_another_process_has_made_in_the_meantime_is_not_replaced(tmp_path):
    def make_both():
        with new_dataset_folder(tmp_path / "data") as folder:
            (folder / "datalist.json").write_text("second")
            (tmp_path / "data").mkdir()
            (tmp_path / "data" / "datalist.json").write_text("first")

    with pytest.raises(FileExistsError, match="--overwrite replaces it"):
        make_both()
    assert (tmp_path / "data" / "datalist.json").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
