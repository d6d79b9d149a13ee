"""What `scripts/explore.py` says of what it cannot show; the page itself is tested in tests/explorer."""

import importlib.util
import socket

import pytest

from scripts.explore import main

needs_gradio = pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason="Gradio is not installed")


def said(capsys):
    lines = capsys.readouterr().err.strip().splitlines()
    return [line for line in lines if not line.startswith("Reading ")]


@needs_gradio
def test_an_unknown_run(tmp_path, capsys):
    assert main([str(tmp_path / "none"), "--no-browser", "--port", "7999"]) == 1
    (line,) = said(capsys)
    assert f"No checkpoint {tmp_path / 'none'} found; pass the folder of a finished training." in line


@needs_gradio
def test_a_port_that_is_taken(tmp_path, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main([str(tmp_path), "--port", str(port)]) == 1
    (line,) = said(capsys)
    assert line.endswith(f"Port {port} is taken; pass another --port.")


@needs_gradio
def test_a_number_that_is_no_port(tmp_path, capsys):
    assert main([str(tmp_path), "--port", "70000"]) == 1
    assert said(capsys)[0].endswith("--port must lie between 1 and 65535, not 70000.")


def test_without_gradio(tmp_path, capsys, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gradio" else find_spec(name))
    assert main([str(tmp_path)]) == 1
    (line,) = said(capsys)
    assert "needs Gradio; run `python -m pip install --no-deps -r requirements-explorer.txt`." in line


def test_two_models_of_one_name(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path), str(tmp_path)])
    assert stopped.value.code == 2
    assert "Pass --names with a different name for each of 2 models." in capsys.readouterr().err
