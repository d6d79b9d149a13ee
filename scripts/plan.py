"""Plan a training: image size, intensity window, epsilon, batch size, sampling and more, each with its reason.

The plan is an override file in YAML, to be read, edited and trained with:

    python scripts/plan.py data/mine
    python -m custom train --data data/mine --config plan.yaml

With --run, the folder of a finished training by `std`, the radius is chosen by what that network withstands: the plan
then has its accuracy against epsilon in l2 and l-infinity, and a figure is drawn beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli.errors import readable_errors
from custom.cli.options import plan_options
from custom.cli.values import check_values

GIVEN = ("method", "backbone")


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    plan_options(parser)
    options = parser.parse_args(arguments)
    given = {name: getattr(options, name) for name in GIVEN if getattr(options, name) is not None}
    size = {} if options.image_size is None else {"image_size": options.image_size}
    check_values({**given, **size}, given=True)
    if options.output.suffix not in (".yaml", ".yml"):
        raise ValueError(f"--output is {options.output}; a plan is a YAML file, such as plan.yaml.")
    if options.output.exists() and not options.overwrite:
        raise FileExistsError(f"{options.output} already exists; --overwrite replaces it and all edits in it.")
    # Whoever asks for help need not wait for torch.
    from custom.files import write_atomically
    from custom.planning.document import accuracy_figure, as_yaml, figure_png
    from custom.planning.plan import PlanOptions, make_plan

    plan = make_plan(
        PlanOptions(
            options.data,
            options.run,
            options.share,
            options.images,
            options.norm,
            options.image_size,
            tuple(given.items()),
            options.trust,
        )
    )
    text = as_yaml(plan, options.output)
    if plan.radii:
        write_atomically(options.output.with_suffix(".png"), figure_png(accuracy_figure(plan)))
    write_atomically(options.output, text.encode())
    print(text)
    print(f"The plan is in {options.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
