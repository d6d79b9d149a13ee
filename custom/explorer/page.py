"""The page: controls above, one column for each model below."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# Read when Gradio is imported and launched: no telemetry, no look for newer versions, nothing from model hubs, and no
# folders that somebody's other pages serve.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ALLOWED_PATHS"] = ""
os.environ["HF_HUB_DISABLE_TELEMETRY"] = os.environ["HF_HUB_OFFLINE"] = "1"

import gradio as gr

from custom.attacks.norms import Norm
from custom.data.decoded_image import UnreadableImageError
from custom.explorer.comparison import Comparison, alert
from custom.explorer.explorer import Explorer
from custom.explorer.model import ExplorerModel
from custom.explorer.split_images import SplitImages
from custom.explorer.subject import Subject, check_upload
from custom.explorer.threat import ATTACKS, Threat, radius_scale
from custom.report.threat_model import NORM_NAMES

STYLE = Path(__file__).with_name("style.css")

NOTICE = (
    "<header><h1>Robustness explorer</h1>"
    "<p class='notice' role='note'><strong>Not for clinical use.</strong> Research models; none has been examined as a "
    "medical device. Nothing leaves this machine; uploads are deleted as soon as they are read.</p></header>"
)
UNITS: dict[Norm, str] = {"l2": "Radius (ℓ2, pixels from 0 to 1)", "linf": "Radius (ℓ∞, gray levels of 255)"}
SHOWN = 2
"""Models side by side."""


class Page:
    """The page and what its controls do.

    Args:
        models: at least one, with names of their own, all of the same classes.
        images: test images to choose from; there may be none.
    """

    def __init__(self, models: Sequence[ExplorerModel], images: SplitImages) -> None:
        self.models = {model.name: model for model in models}
        self.images = images
        self.explorer = Explorer()
        trained = [model.trained_with for model in models]
        self.scales = {norm: radius_scale(norm, trained) for norm in UNITS}
        norms = [attack["norm"] for attack in trained if attack.get("norm") in UNITS]
        self.first_norm: Norm = norms[0] if norms else "l2"

    def build(self) -> gr.Blocks:
        """The page, ready to be launched."""
        names = list(self.models)
        scale = self.scales[self.first_norm]
        with gr.Blocks(title="Robustness explorer", analytics_enabled=False, delete_cache=(60, 60)) as page:
            subject = gr.State(None)
            gr.HTML(NOTICE)
            with gr.Row(elem_classes="controls"):
                chosen = gr.Dropdown(
                    [(title, index) for index, title in enumerate(self.images.titles)],
                    value=0 if self.images.paths else None,
                    label="Test image",
                    info=None if self.images.paths else "No test images found; upload one, or pass --data.",
                    interactive=bool(self.images.paths),
                    elem_id="test-image",
                )
                upload = gr.UploadButton("Upload an image (JPEG, PNG, DICOM)", elem_id="upload")
            with gr.Row(elem_classes="controls"):
                attack = gr.Radio(_choices(ATTACKS), value="pgd", label="Attack", elem_id="attack", min_width=480)
                norm = gr.Radio(_choices(NORM_NAMES), value=self.first_norm, label="Norm", elem_id="norm")
            radius = gr.Slider(
                0, scale.maximum, scale.start, step=scale.step, label=UNITS[self.first_norm], elem_id="radius"
            )
            with gr.Row(visible=len(names) > SHOWN, elem_classes="controls"):
                shown = [
                    gr.Dropdown(names, value=names[place], label=f"{side} model", visible=place < len(names))
                    for place, side in enumerate(("Left", "Right")[: len(names)])
                ]
            message = gr.HTML("", elem_id="message")
            summary = gr.HTML("", elem_id="summary")
            with gr.Row(elem_classes="models"):
                panels = [gr.HTML("", elem_classes="panel", min_width=320) for _ in shown]

            inputs = [subject, attack, norm, radius, *shown]
            outputs = [message, summary, *panels]
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 1}
            quiet["concurrency_id"] = "models"

            def then_show(event: Any) -> None:
                event.success(self.show, inputs, outputs, trigger_mode="always_last", **quiet)

            then_show(page.load(self.choose, [chosen], [subject, message], **quiet))
            then_show(chosen.input(self.choose, [chosen], [subject, message], **quiet))
            then_show(upload.upload(self.upload, [upload], [subject, message, chosen, upload], **quiet))
            then_show(norm.input(self.rescale, [norm], [radius], **quiet))
            # A slider that is dragged, or moved by keys, asks again when the last answer is there.
            gr.on(
                [radius.change, attack.input, *(choice.input for choice in shown)],
                self.show,
                inputs,
                outputs,
                trigger_mode="always_last",
                **quiet,
            )
        return page

    def choose(self, index: int | None) -> tuple[Subject | None, str]:
        """Read the chosen test image."""
        if index is None:
            return None, ""
        try:
            return self.images.subject(index, list(self.models.values())), ""
        except UnreadableImageError as error:
            return None, alert(str(error))

    def upload(self, path: str | None) -> tuple[Any, ...]:
        """Read an uploaded file and delete it; if it cannot be read, what is on show stays."""
        if path is None:
            return (gr.skip(),) * 4
        try:
            check_upload(path)
            found = Subject.read(path, list(self.models.values()))
        except UnreadableImageError as error:
            return gr.skip(), alert(str(error)), gr.skip(), gr.UploadButton(value=None)
        finally:
            Path(path).unlink(missing_ok=True)
        return found, "", gr.Dropdown(value=None), gr.UploadButton(value=None)

    def rescale(self, norm: Norm) -> gr.Slider:
        """Give the slider the radii of a norm."""
        scale = self.scales[norm]
        return gr.Slider(0, scale.maximum, scale.start, step=scale.step, label=UNITS[norm])

    def show(
        self, subject: Subject | None, attack: str, norm: Norm, radius: float | None, *names: str
    ) -> Iterator[tuple[Any, ...]]:
        """Attack the image on show, and then search for the radii at which the predictions flip."""
        if subject is None:
            yield gr.skip(), "<p>Choose a test image or upload one.</p>", *("" for _ in names)
            return
        scale = self.scales[norm]
        threat = Threat(attack, norm, min(max(float(radius or 0.0), 0.0), scale.maximum) * scale.unit)
        limit = scale.maximum * scale.unit
        models = [self.models[name] for name in names]
        clean = [self.explorer.clean(model, subject) for model in models]
        attacked = [self.explorer.attacked(model, subject, threat) for model in models]
        smallest = [self.explorer.known_radius(model, subject, norm, limit) for model in models]
        comparison = Comparison(models, clean, attacked, threat, smallest, limit, subject.class_name)
        yield gr.skip(), comparison.summary(subject.name), *map(comparison.panel, range(len(models)))
        if None in smallest:
            for place, model in enumerate(models):
                smallest[place] = self.explorer.smallest_radius(model, subject, norm, limit)
                yield gr.skip(), gr.skip(), *map(comparison.panel, range(len(models)))


def _choices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names and values, as Gradio wants them."""
    return [(name, value) for value, name in names.items()]
