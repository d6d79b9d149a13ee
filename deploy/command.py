"""The command: from arguments to an exit code."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from monai.deploy.core import AppContext, Application

from deploy.app import ClassificationApp
from deploy.bundle import Bundle
from deploy.inputs import list_inputs, relative_name
from deploy.ledger import Ledger
from deploy.writer import write_json

SUMMARY = "summary.json"
DONE, REFUSED, FAILED = 0, 1, 2


def main(arguments: list[str]) -> int:
    """Run the application.

    Args:
        arguments: the program and its arguments, as the SDK reads them; what is missing comes from the environment
            (``HOLOSCAN_INPUT_PATH``, ``HOLOSCAN_OUTPUT_PATH``, ``HOLOSCAN_MODEL_PATH``), as in a container.

    Returns:
        0 if every file is handled, 1 if at least one is refused, 2 if nothing could be started.

    """
    # The SDK tells at length what it was started with; `-l INFO` behind this brings that back.
    context: AppContext = Application.init_app_context([arguments[0], "-l", "ERROR", *arguments[1:]])
    logging.getLogger("highdicom").setLevel(logging.WARNING)
    ledger = Ledger()
    try:
        run(Path(context.input_path), Path(context.output_path), Path(context.model_path), ledger)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    print(f"Images handled: {len(ledger.handled)}; files refused: {len(ledger.refused)}.", file=sys.stderr)
    return REFUSED if ledger.refused else DONE


def run(source: Path, output: Path, model: Path, ledger: Ledger) -> None:
    """Handle all files of a folder.

    Args:
        source: the folder, or one file.
        output: folder for the results; made if missing.
        model: the bundle's folder.
        ledger: notes what became of each file.

    Raises:
        OSError: there is no input or no bundle, or the output folder cannot be written to.
        ValueError: the bundle is not usable, or the output folder lies inside the input folder.

    """
    if output.resolve().is_relative_to(source.resolve()):
        raise ValueError(f"The output folder {output} lies in the input folder {source}; pass one outside it.")
    bundle = Bundle(model)
    files, skipped = list_inputs(source)
    root = source if source.is_dir() else source.parent
    for entry in skipped:
        note = ledger.refuse if entry.refused else ledger.skip
        note(relative_name(entry.path, root), entry.reason)
    if files:
        ClassificationApp(bundle, root, files, output, ledger).run()
    write_json(output / SUMMARY, ledger.summary())
