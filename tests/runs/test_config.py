import json

import pytest

from custom.runs import read_config


def test_reads_what_a_training_ran_with_and_merges_what_is_given_on_top(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"method": "at", "twice": "$2 * @steps", "steps": 7}))
    (tmp_path / "more.json").write_text(json.dumps({"steps": 10}))
    config = read_config(tmp_path, tmp_path / "more.json")
    assert config["method"] == "at"
    assert config.get_parsed_content("twice") == 20


def test_a_folder_without_a_training_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^No config.json found in .*absent; pass the folder of a training"):
        read_config(tmp_path / "absent")
