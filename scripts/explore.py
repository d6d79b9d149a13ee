"""Explore trained models in the browser: attack an image, and see what a standard and a robust model make of it.

RUN is the folder of a training or of an exported bundle. The page opens only on this machine; nothing is sent
anywhere, and uploads are deleted as soon as they are read. It needs Gradio:
    python -m pip install --no-deps -r requirements-explorer.txt

Examples:
    python scripts/explore.py bundle/demo/standard bundle/demo/robust
    python scripts/explore.py bundles/skin_lesion_robust_classification --data data/ham10000 --port 7861
"""

from __future__ import annotations

import argparse
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors, require_packages
from custom.counts import counted

if TYPE_CHECKING:
    from custom.explorer import ExplorerModel, SplitImages

GRADIO = "The explorer needs Gradio; run `python -m pip install --no-deps -r requirements-explorer.txt`."


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training or an exported bundle")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="names of the models (those of their folders)")
    parser.add_argument("--data", type=Path, help="data set folder with the test images (that of the trainings)")
    parser.add_argument("--trust", action="store_true", help="read runs and bundles even if that can run their code")
    parser.add_argument("--port", type=int, default=7860, help="port of 127.0.0.1 (7860)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page, only say where it is")
    options = parser.parse_args(arguments)
    names = options.names or [run.resolve().name for run in options.runs]
    if len(set(names)) != len(options.runs):
        parser.error(f"Pass --names with a different name for each of {counted(len(options.runs), 'model')}.")
    require_packages("gradio", otherwise=GRADIO)
    explore(options, names)
    return 0


def explore(options: argparse.Namespace, names: Sequence[str]) -> None:
    """Read the models and serve the page until this process is interrupted.

    Raises:
        FileNotFoundError: a model or the data are missing.
        ValueError: an option, a model or the data are wrong, or the models have different classes.
        OSError: the port is taken.
    """
    from custom.explorer.server import require_free, serving

    require_free(options.port)
    models = read_models(options, names)
    images = split_images(options.data, models)
    with serving(models, images, options.port) as address:
        print(f"The explorer is at {address} (Ctrl-C ends it). Not for clinical use.", flush=True)
        if not options.no_browser:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def read_models(options: argparse.Namespace, names: Sequence[str]) -> list[ExplorerModel]:
    """Read all models, which must tell the same classes apart.

    Raises:
        FileNotFoundError: a model is missing.
        ValueError: a model cannot be read, or has other classes than the first.
    """
    from custom.explorer import read_model

    models = []
    for path, name in zip(options.runs, names, strict=True):
        print(f"Reading {path}.", file=sys.stderr)
        models.append(read_model(path, name, data=options.data, trust=options.trust))
        if models[-1].class_names != models[0].class_names:
            raise ValueError(
                f"{names[0]} has the classes {', '.join(models[0].class_names)} and {name} has "
                f"{', '.join(models[-1].class_names)}: only models of the same classes can be compared."
            )
    return models


def split_images(data: Path | None, models: Sequence[ExplorerModel]) -> SplitImages:
    """The test images of the data set that was given, or else of the first model that has one.

    Raises:
        FileNotFoundError: the data set that was given is missing.
        ValueError: the data set is damaged, or has other classes.
    """
    from custom.explorer import SplitImages

    folder = data or next((model.dataset for model in models if model.dataset is not None), None)
    if folder is None:
        print("No test images found; upload some on the page, or pass their data set with --data.", file=sys.stderr)
        return SplitImages()
    return SplitImages.read(folder, models[0].class_names)


if __name__ == "__main__":
    sys.exit(main())
