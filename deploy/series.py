"""Which series new objects belong to."""

from __future__ import annotations

from pydicom.uid import generate_uid

from deploy.case import Source


class SeriesBook:
    """Opens a series of new objects for each series of images, and numbers what comes into it.

    An image file gets a series of its own each time, as nobody knows whether two of them show the same person.

    Args:
        number: the series' number.

    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._opened: dict[str, list[str]] = {}

    def place(self, source: Source) -> dict[str, str | int]:
        """Find the place of the object that is made of an image.

        Args:
            source: the image.

        Returns:
            ``series_instance_uid``, ``series_number``, ``sop_instance_uid`` and ``instance_number``, as highdicom's
            classes take them.

        """
        fresh = str(generate_uid(prefix=None))
        opened = [fresh]
        if source.header is not None:
            opened = self._opened.setdefault(str(source.header.SeriesInstanceUID), opened)
        opened.append(str(generate_uid(prefix=None)))
        return {
            "series_instance_uid": opened[0],
            "series_number": self.number,
            "sop_instance_uid": opened[-1],
            "instance_number": len(opened) - 1,
        }
