import json
import subprocess
import sys

HEAVY = {"mlflow", "sklearn", "matplotlib", "pandas", "pyautoattack", "nibabel", "benchmarks"}


def test_light_imports(root):
    code = "import json, sys, custom.attacks, custom.acceleration; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert {"custom.attacks", "custom.acceleration"} <= set(loaded)
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    own = {name for name in loaded if name.startswith("custom.")}
    assert {name.split(".")[1] for name in own} <= {"attacks", "acceleration", "counts", "distributed"}
