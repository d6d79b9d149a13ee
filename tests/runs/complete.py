"""What a run must be good for by its folder alone."""

import json
import shutil
from pathlib import Path

from custom.runs import Run
from tests.cli.programs import run_verb

# Attacks and measures that take a moment.
BRIEF = "--attacks \"['fgsm']\" --check_images 0 --curve_images 0 --corruption_images 0 --resamples 10 --record False"


def assert_complete(run: Path, tmp_path: Path) -> Path:
    """Move a run as people do, then evaluate, explain and export it by the verbs; return where it is."""
    folder = Path(shutil.move(run, tmp_path / "moved"))
    moved = Run.read(folder)
    for line in (f"evaluate {folder} {BRIEF}", f"explain {folder} --explain#images_per_class 1"):
        run_verb(line)
    run_verb(f"export {folder} --output {tmp_path / 'exports'}")
    metrics = json.loads((folder / "evaluation" / "metrics.json").read_text())
    assert metrics["model"]["weights_sha256"] == moved.card.weights_sha256
    assert (folder / "evaluation" / "report.html").is_file()
    assert (folder / "explanations" / "explanations.json").is_file()
    assert (tmp_path / "exports" / "moved" / "models" / "model.pt").is_file()
    return folder
