"""Package the application with a bundle as a container (a MONAI Application Package).

`monai-deploy package` copies whole folders, so this puts together what is needed, without the environment, and calls
it. It needs Docker and the network; with `--context FOLDER` it only writes what Docker would be given: the Dockerfile,
both manifests, the application and the model.

Examples:
    python -m deploy.package bundles/skin --tag skin:0.1.0
    python -m deploy.package bundles/skin --tag skin:0.1.0 --context context
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holoscan_cli.__main__ import main as monai_deploy
from holoscan_cli.packager.container_builder import BuilderBase
from holoscan_cli.packager.parameters import PlatformBuildResults

APPLICATION = Path(__file__).resolve().parent
CONFIG = "app.yaml"
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "README.md", "setup.sh")
UNKNOWN_IMAGE = "to-be-looked-up-by-monai-deploy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path, help="folder of an exported bundle")
    parser.add_argument("--tag", required=True, help="name and version of the image, as in skin:0.1.0")
    parser.add_argument("--context", type=Path, help="only write what Docker would be given, to this new folder")
    options = parser.parse_args(arguments)
    if not (options.bundle / "configs/inference.json").is_file():
        print(f"error: {options.bundle} is not an exported bundle: it has no configs/inference.json.", file=sys.stderr)
        return 2
    if options.context is not None and options.context.exists():
        print(f"error: {options.context} already exists; pass a new folder.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        package(options.bundle, options.tag, Path(folder), options.context)
    return 0


def package(bundle: Path, tag: str, folder: Path, context: Path | None) -> None:
    """Call `monai-deploy package`.

    Args:
        bundle: folder of an exported bundle.
        tag: name and version of the image.
        folder: an empty folder to work in.
        context: where to write what Docker would be given, instead of calling Docker.

    """
    shutil.copytree(APPLICATION, folder / "app", ignore=LEFT_OUT)
    # A folder of models with this one in it: of a bundle itself each subfolder would be taken for a model.
    shutil.copytree(bundle, folder / "models" / bundle.resolve().name, ignore=shutil.ignore_patterns("__pycache__"))
    command = ["monai-deploy", "package", str(folder / "app"), "--config", str(folder / "app" / CONFIG)]
    command += ["--models", str(folder / "models"), "--tag", tag, "--platform", "x86_64", "--sdk", "monai-deploy"]
    if context is not None:
        # In place of the list of base images, which is looked up in the network.
        (folder / "artifacts.json").write_text(json.dumps(_artifacts()))
        command += ["--source", str(folder / "artifacts.json")]
        keep_context(context)
    monai_deploy(command)


def keep_context(context: Path) -> None:
    """Make the packager keep what it gives to Docker, instead of calling it.

    Args:
        context: where to.

    """

    def keep(builder: Any, dockerfile: str, parameters: Any) -> PlatformBuildResults:
        shutil.copytree(Path(dockerfile).parent, context)
        result = PlatformBuildResults(parameters)
        result.succeeded = True
        return result

    BuilderBase._build_internal = keep


def _artifacts() -> dict[str, Any]:
    """A list of base images in the packager's format, in which none is known."""
    version = importlib.metadata.version("holoscan-cu13")
    images = dict.fromkeys(("cpu", "dgpu", "igpu"), UNKNOWN_IMAGE)
    holoscan = {
        "wheel-version": version,
        "debian-version": version,
        "base-images": images,
        "build-images": {kind: {} for kind in images},
    }
    return {version: {"holoscan": holoscan}}


if __name__ == "__main__":
    sys.exit(main())
