"""What is known of a data set, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from custom.counts import listed

ERROR, WARNING = "error", "warning"
_LISTED = 10
"""Names or values of one kind that are shown."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Args:
        severity: ``error`` for what makes a training fail or its figures wrong, else ``warning``.
        kind: what it is.
        names: the images or groups it concerns; empty if it concerns the data set as a whole.

    """

    severity: str
    kind: str
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        count = f" ({len(self.names)})" if self.names else ""
        shown = f": {listed(self.names, _LISTED)}" if self.names else ""
        return f"{self.severity}: {self.kind}{count}{shown}"


@dataclass(frozen=True)
class DataReport:
    """What is known of a data set.

    Args:
        counts: for each split the number of images of each class, by name.
        properties: for each property, such as the format, how many images have each value.
        findings: everything that is wrong.

    """

    counts: dict[str, dict[str, int]]
    properties: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether something makes a training fail or its figures wrong."""
        return any(finding.severity == ERROR for finding in self.findings)

    def add(self, severity: str, kind: str, names: list[str]) -> None:
        """Add a finding, if it concerns any image."""
        if names:
            self.findings.append(Finding(severity, kind, names))

    def __str__(self) -> str:
        """A table of the counts, a line for each property and one for each finding."""
        names = list(next(iter(self.counts.values())))
        width = max(map(len, [*names, "class"]))
        lines = [f"{'class':{width}}" + "".join(f"{split:>12}" for split in self.counts)]
        lines += [
            f"{name:{width}}" + "".join(f"{counts[name]:>12}" for counts in self.counts.values()) for name in names
        ]
        lines.append("")
        for key, values in self.properties.items():
            lines.append(f"{key}: {listed([f'{value} ({count})' for value, count in values.items()], _LISTED)}")
        lines.append("")
        lines += map(str, self.findings) if self.findings else ["Nothing wrong was found."]
        return "\n".join(lines)
