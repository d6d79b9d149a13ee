"""The answer as JSON."""

from __future__ import annotations

from typing import Any

from deploy import __version__
from deploy.case import Documents, Model, Prediction, Source
from deploy.notices import APPLICATION, NOT_FOR_CLINICAL_USE, QUALITY_CHECK, stability_flag, stability_sentence


def make_record(documents: Documents, model: Model) -> dict[str, Any]:
    """Put an answer together for programs.

    Args:
        documents: the finding and the DICOM objects made of it.
        model: the model that found it.

    Returns:
        What the JSON file holds. Of a DICOM image it names only the UIDs, since a file's name can identify people.

    """
    finding = documents.finding
    stability = finding.stability
    return {
        "notice": NOT_FOR_CLINICAL_USE,
        "input": _input(finding.source),
        "model": {"name": model.name, "version": model.version, "weights_sha256": model.sha256},
        "application": {"name": APPLICATION, "version": __version__},
        "class": finding.prediction.class_name,
        "probabilities": _by_name(finding.prediction),
        "stability": {
            "flag": stability_flag(stability),
            "stable": stability.stable,
            "statement": f"{stability_sentence(finding)} {QUALITY_CHECK}",
            "attack": {"norm": stability.ball.norm, "epsilon": stability.ball.epsilon, "steps": stability.ball.steps},
            "class_under_attack": stability.attacked.class_name,
            "probabilities_under_attack": _by_name(stability.attacked),
        },
        "outputs": {
            "structured_report": {"sop_instance_uid": str(documents.report.SOPInstanceUID)},
            "overlay": {"sop_instance_uid": str(documents.overlay.SOPInstanceUID)},
        },
    }


def _by_name(prediction: Prediction) -> dict[str, float]:
    return dict(zip(prediction.class_names, prediction.probabilities, strict=True))


def _input(source: Source) -> dict[str, str]:
    header = source.header
    if header is None:
        return {"kind": "picture", "file": source.name, "sha256": source.sha256}
    return {
        "kind": "DICOM",
        "sop_class_uid": str(header.SOPClassUID),
        "sop_instance_uid": str(header.SOPInstanceUID),
        "series_instance_uid": str(header.SeriesInstanceUID),
        "study_instance_uid": str(header.StudyInstanceUID),
        "sha256": source.sha256,
    }
