"""The answer as a DICOM structured report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from deploy import __version__
from deploy.case import Finding, Model
from deploy.header import CHARACTER_SET, inheritable
from deploy.notices import APPLICATION, NOT_FOR_CLINICAL_USE, QUALITY_CHECK, stability_flag, stability_sentence

SCHEME = "99ROBUSTCLASS"
"""Designator of the codes of our own: DICOM has none for a bundle's classes."""


def build_report(finding: Finding, overlay: Dataset, model: Model, place: Mapping[str, str | int]) -> Dataset:
    """Make a Comprehensive SR after template TID 1500, Measurement Report.

    It has a probability for each class as a measurement of the source image; the predicted class and the stability
    as qualitative evaluations; and in words that it is not for clinical use.

    Args:
        finding: what to report.
        overlay: the secondary capture made of the same finding; evidence beside the source.
        model: the model that found it.
        place: its series and identifiers, see :meth:`deploy.series.SeriesBook.place`.

    Returns:
        The data set, in the study of the source; of an image file in that of the overlay.

    """
    source = finding.source
    evidence = [overlay] if source.header is None else [inheritable(source.header), overlay]
    report = MeasurementReport(
        observation_context=ObservationContext(
            observer_device_context=ObserverContext(
                observer_type=codes.DCM.Device,
                observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
                    uid=str(generate_uid(prefix=None, entropy_srcs=[APPLICATION, __version__, model.sha256])),
                    name=APPLICATION,
                    model_name=f"{model.name} {model.version}",
                ),
            )
        ),
        procedure_reported=CodedConcept("363679005", "SCT", "Imaging procedure"),
        imaging_measurements=[_measurements(finding, model)],
        title=codes.DCM.ImagingMeasurementReport,
    )
    sentences = [NOT_FOR_CLINICAL_USE, f"{stability_sentence(finding)} {QUALITY_CHECK}"]
    if source.header is None:
        sentences.append(f"Made from the image file {source.name}, SHA-256 {source.sha256}.")
    for sentence in sentences:
        report[0].ContentSequence.append(
            TextContentItem(codes.DCM.Comment, sentence, relationship_type=RelationshipTypeValues.CONTAINS)
        )
    result = ComprehensiveSR(
        evidence=evidence,
        content=report,
        manufacturer=APPLICATION,
        manufacturer_model_name=APPLICATION,
        software_versions=__version__,
        series_description="Classification, not for clinical use",
        is_complete=True,
        specific_character_set=CHARACTER_SET,
        coding_schemes=[
            CodingSchemeIdentificationItem(
                SCHEME,
                name=f"Classes of {model.name}"[:64],
                version=model.version[:16],
                responsible_organization=APPLICATION,
            )
        ],
        **place,
    )
    if source.header is None:
        # highdicom takes what made the overlay for the camera.
        del result.ContributingEquipmentSequence[0]
    return result


def _measurements(finding: Finding, model: Model) -> MeasurementsAndQualitativeEvaluations:
    """The group of all that is measured on the source."""
    prediction, header = finding.prediction, finding.source.header
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=generate_uid(prefix=None), identifier="Classification"),
        algorithm_id=AlgorithmIdentification(
            name=model.name, version=model.version, parameters=[f"SHA-256 of the weights: {model.sha256}"]
        ),
        measurements=[
            Measurement(
                name=_code(f"probability-{index}", f"Probability of {name}", model),
                value=round(probability, 8),
                unit=codes.UCUM.NoUnits,
            )
            for index, (name, probability) in enumerate(
                zip(prediction.class_names, prediction.probabilities, strict=True)
            )
        ],
        qualitative_evaluations=[
            QualitativeEvaluation(
                _code("class", "Predicted class", model),
                _code(f"class-{prediction.label}", prediction.class_name, model),
            ),
            QualitativeEvaluation(
                _code("stability", "Stability, a quality check", model),
                _code("stable" if finding.stability.stable else "unstable", stability_flag(finding.stability), model),
            ),
        ],
        source_images=None if header is None else [_reference(header)],
    )


def _reference(header: Any) -> SourceImageForMeasurementGroup:
    return SourceImageForMeasurementGroup(header.SOPClassUID, header.SOPInstanceUID)


def _code(value: str, meaning: str, model: Model) -> CodedConcept:
    """A code of our own; DICOM allows 64 characters for its meaning."""
    return CodedConcept(value, SCHEME, meaning[:64], model.version[:16])
