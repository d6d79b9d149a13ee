import pytest

from custom.files.read_json import read_json


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"a\.json is not valid JSON \(.*\); make it again\."),
        ("[1]", r"a\.json should hold a JSON object, not a list; make it again\."),
        ("null", r"a\.json should hold a JSON object, not a NoneType; make it again\."),
    ],
)
def test_what_is_no_object_is_named_with_advice(tmp_path, content, message):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        read_json(tmp_path / "a.json", "make it again")


def test_an_object_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"a": "\u00e4"}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"a": "\u00e4"}
