"""Reading a folder in its form, and what was wrong with it."""

from custom.data.forms import FormOptions, recognize
from custom.data.sources import Sources


def read(root, **options):
    with Sources([root]) as sources:
        return recognize([root], sources, FormOptions(**options))


def texts(found, kind):
    """The problems of a kind as they are printed."""
    return [problem.text for problem in found.problems[kind]]
