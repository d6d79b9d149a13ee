"""One look for all pictures."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

# Distinguishable also for the colour-blind (Okabe and Ito).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")
INK = "#1f2933"


def figure_png(figure: Figure) -> bytes:
    """A figure as a PNG file's content."""
    buffer = io.BytesIO()
    # Without the name of the software the same figure always gives the same bytes.
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()
