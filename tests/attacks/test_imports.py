import json
import subprocess
import sys

import pytest

HEAVY = {"mlflow", "sklearn", "matplotlib", "pandas", "pyautoattack", "nibabel", "benchmarks"}


@pytest.mark.parametrize("module", ["custom.attacks", "custom.acceleration"])
def test_light_imports(module, root):
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert module in loaded
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    own = {name for name in loaded if name.startswith("custom.")}
    assert {name.split(".")[1] for name in own} <= {"attacks", "acceleration", "distributed"}
