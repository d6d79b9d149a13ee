import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monai.bundle import ConfigParser

from custom.files.config_data import config_data


@pytest.mark.parametrize(
    "text", ["$1/0", "@b", "%b", "x@#y", "x%#y", "$'a'", "@", "$", "%%", "$import os", "\\x24", "a$b"]
)
def test_what_goes_through_a_config_comes_back(text, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"a": {"c": config_data([text, 1, None])}, "b": 2}))
    parser = ConfigParser()
    parser.read_config(tmp_path / "config.json")
    assert parser.get_parsed_content("a#c") == [text, 1, None]


@given(st.text(alphabet="$@%#:a1'\"\\\n", max_size=8))
def test_any_text(text):
    parser = ConfigParser({"names": config_data([text]), "a": 1, "1": 2})
    parser.parse()
    assert parser.get_parsed_content("names") == [text]


def test_plain_text_stays_readable():
    assert config_data({"labels": ["MEL", "a@b"], "n": 3}) == {"labels": ["MEL", "a@b"], "n": 3}
