"""The application's requirements are what it imports, and no more."""

import subprocess
import sys
from pathlib import Path

from tests.deploy.conftest import ROOT, make_bundle
from tests.site_packages import site_packages

LEFT_OUT = ("sklearn", "scipy", "nibabel", "pyautoattack", "mlflow", "pandas", "fire")
ANSWER = f"""
import sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import importlib.util
import numpy as np
found = [name for name in {LEFT_OUT} if importlib.util.find_spec(name)]
assert not found, found
from pathlib import Path
from deploy.bundle import Bundle
from deploy.read_source import read_source
bundle = Bundle(Path(sys.argv[3]))
image = bundle.prepare(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8))
prediction = bundle.predict(image)
bundle.check_stability(image, prediction)
print(bundle.explain(image, prediction).shape)
"""


def test_a_bundle_answers_with_the_packages_of_the_requirements_alone(tmp_path: Path) -> None:
    lines = (ROOT / "deploy/requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    packages = site_packages(tmp_path / "packages", wanted)
    folder = make_bundle(tmp_path / "skin")
    command = [sys.executable, "-I", "-S", "-c", ANSWER, ROOT, packages, folder]
    done = subprocess.run([*map(str, command)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(48, 48)\n"
