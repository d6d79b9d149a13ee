"""Files and folders of results that are either whole or as they were before."""

from custom.files.atomic import move_together, write_atomically, write_together
from custom.files.lock import locked
from custom.files.partial import Partial, clean_up
from custom.files.result_folder import ResultFolder

__all__ = ["Partial", "ResultFolder", "clean_up", "locked", "move_together", "write_atomically", "write_together"]
