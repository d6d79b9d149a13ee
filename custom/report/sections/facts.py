"""What was evaluated, whether to believe it, and how to do it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.evidence import class_titles
from custom.report.groups import images_and_groups, unit_plural
from custom.report.page import Cell, Section, Table
from custom.report.sections.cells import radius, title


def card_section(metrics: Mapping[str, Any]) -> Section:
    """The model card: model, data, threat model, caveats."""
    model, data, titles = metrics["model"], metrics["data"], class_titles(metrics)
    balls = [radius(ball) for ball in metrics["robust_accuracy"]]
    size = " x ".join(map(str, data["image_shape"][1:]))
    threat = (
        "The attacker knows the network and changes each image within a ball about it: " + ", ".join(balls) + ". "
        f"Radii are in units of pixel values in [0, 1], at {size}: the same radius means something else at another "
        "resolution."
        if balls
        else "Not attacked."
    )
    facts: dict[str, str | list[str]] = {
        "Model": f"{model['name']}, {model['parameters']:,} parameters",
        "Classes": [
            f"{titles[name]}: {counted(data['images_per_class'][name], 'test image')}" for name in metrics["classes"]
        ],
        "Test data": f"{data['name']}: {images_and_groups(metrics)}, {size}",
        "Threat model": threat,
        **metrics["card"],
        "Caveats": [
            "Robust accuracy is an upper bound: a stronger attack may exist. It says nothing about changes of other "
            "kinds, such as light, hair or another camera.",
            "Other data than the test data may give other figures. Not for clinical use.",
        ],
    }
    return Section("card", "Model card", facts=facts)


def check_section(metrics: Mapping[str, Any]) -> Section:
    """The sanity checks for gradient masking."""
    heading = "Sanity checks for gradient masking"
    if not metrics["checks"]:
        return Section("checks", heading, ["No check was made."])
    rows = [
        [
            Cell("passed" if check["passed"] else "FAILED", level="green" if check["passed"] else "red"),
            check["name"],
            check["detail"],
        ]
        for check in metrics["checks"]
    ]
    text = "A network can look robust because an attack fails. These must hold if the attacks do their work."
    return Section("checks", heading, [text], [Table(["", "Check", "Found"], rows, 3)])


def repeat_section(metrics: Mapping[str, Any]) -> Section:
    """Command, commit, device, versions, hashes and the attacks' parameters, folded."""
    model, data, how = metrics["model"], metrics["data"], metrics["reproduce"]
    bootstrap = metrics["bootstrap"]
    facts = {
        "Commit": how["commit"],
        "Device": how["device"],
        "Python": how["python"],
        "Threads": how["threads"],
        "Seed": how["seed"],
        "Weights file": model["checkpoint"],
        "weights_sha256": model["weights_sha256"],
        "SHA-256 of the test data": data["sha256"],
        "Intervals": f"{bootstrap['resamples']} bootstrap draws of {unit_plural(metrics)}, seed {bootstrap['seed']}",
        "Versions": ", ".join(f"{name} {version}" for name, version in metrics["versions"].items()),
    }
    facts |= {
        f"{record['attack']}": json.dumps(record["parameters"], ensure_ascii=False).strip("{}").replace('"', "")
        for record in metrics["attacks"].values()
    }
    facts |= {
        title(record): json.dumps(record["parameters"], ensure_ascii=False).strip("{}").replace('"', "")
        for record in metrics["radii"]
    }
    code = {"Command": shlex.join(map(str, how["command"]))} if how["command"] else {}
    return Section(
        "repeat",
        "How to repeat this",
        facts={name: str(value) for name, value in facts.items() if value is not None},
        code=code,
        folded=True,
    )
