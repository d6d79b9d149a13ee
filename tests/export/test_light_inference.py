"""An exported bundle classifies images with few packages."""

import csv
import shutil
import subprocess
import sys

from tests.site_packages import site_packages

NEEDED = ("torch", "torchvision", "monai", "numpy", "pytorch-ignite", "pillow", "pydicom", "tqdm", "fire", "pyyaml")
LEFT_OUT = ("mlflow", "sklearn", "matplotlib", "scipy", "nibabel", "pandas", "pyautoattack")
RUN = f"""
import sys
sys.path[:0] = [".", sys.argv.pop(1)]
import importlib.util, runpy
found = [name for name in {LEFT_OUT} if importlib.util.find_spec(name)]
assert not found, found
runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
"""


def test_inference_of_a_bundle_needs_none_of_the_heavy_packages(bundle, synthetic_data, tmp_path):
    packages = site_packages(tmp_path / "packages", list(NEEDED))
    images = tmp_path / "images"
    images.mkdir()
    for source in sorted((synthetic_data / "images").iterdir())[:3]:
        shutil.copy(source, images)
    command = [sys.executable, "-I", "-S", "-c", RUN, packages, "run", "--config_file", "configs/inference.json"]
    command += ["--dataset_dir", images, "--output_dir", tmp_path / "out", "--num_workers", 0]
    done = subprocess.run([*map(str, command)], cwd=bundle, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "out" / "predictions.csv").open()))
    assert [row["error"] for row in rows] == ["", "", ""]
