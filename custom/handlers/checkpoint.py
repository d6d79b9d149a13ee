"""Checkpoints from which a training that was killed at any point resumes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from custom.attacks.network_state import unwrap
from custom.files import write_atomically
from custom.handlers.validated import validated
from custom.networks import NetworkCard, load_safely, save_checkpoint
from custom.runs.names import CHECKPOINT_NAME, MODEL_NAME

RESUMED_WITH = ("class_names", "image_size", "intensity", "spacing", "network", "data_sha256")
"""What of the card must be the same for a training to resume."""


class ResumableCheckpoint:
    """Save after every epoch all that a training needs to resume, and the best network by itself.

    MONAI's ``CheckpointSaver`` writes in place, so that a kill in that moment leaves half a file. Here each file is
    written beside its place first and then moved there at once. In ``save_dir`` are

    - ``checkpoint.pt``: the state of every object, the epoch and the best score, of the last whole epoch;
    - ``model.pt``: the network's weights of the epoch with the best score.

    Attach it to the trainer after the handler that validates. The weights are those of the network itself, whatever
    wraps it, so that they fit with one process as well as with several. All of several processes read the same file.

    Args:
        save_dir: folder of the files; made if missing.
        objects: what to save, by name; each with ``state_dict`` and ``load_state_dict``, or ``None`` if it is disabled.
            One is ``"network"``; if one is ``"weight_averaging"``, its average is saved as the best network in epochs
            in which it was chosen.
        evaluator: the engine that validates.
        score_name: name of the evaluator's metric that says which epoch is best, higher is better.
        resume: whether to load ``checkpoint.pt`` when training starts.
        card: what the weights mean, to be saved with them, and compared when a training resumes.

    Raises:
        ValueError: when no object is called ``"network"``.

    Example::

        >>> import tempfile
        >>> import torch
        >>> from ignite.engine import Engine
        >>> from custom.handlers import ResumableCheckpoint
        >>> network = torch.nn.Linear(2, 3)
        >>> handler = ResumableCheckpoint(tempfile.mkdtemp(), {"network": network}, Engine(lambda e, b: None), "score")

    """

    def __init__(
        self,
        save_dir: str,
        objects: Mapping[str, Any],
        evaluator: Engine,
        score_name: str,
        resume: bool = False,
        card: NetworkCard | None = None,
    ) -> None:
        if "network" not in objects:
            raise ValueError(f"One of the objects to save must be called 'network'; there are {sorted(objects)}.")
        self.save_dir = Path(save_dir)
        self.objects = {name: unwrap(item) for name, item in objects.items() if item is not None}
        self.evaluator = evaluator
        self.score_name = score_name
        self.resume = resume
        self.card = card
        self.best_score: float | None = None
        self.best_epoch = 0

    def attach(self, engine: Engine) -> None:
        """Attach loading to the start of training, and saving to the end of its epochs.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, self.check_space)
        if self.resume:
            engine.add_event_handler(Events.STARTED, self.load)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.save_best)
        engine.add_event_handler(Events.STARTED, self.save_last)

    def save_last(self, engine: Engine) -> None:
        """Save each epoch after all handlers that were attached before the training started.

        The checkpoint vouches for everything else that is written of an epoch, such as its row in the history: a kill
        before it repeats the epoch.

        Args:
            engine: the trainer.
        """
        if not engine.has_event_handler(self.save, Events.EPOCH_COMPLETED):
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.save)

    def check_space(self, engine: Engine) -> None:
        """Make sure that the files of an epoch fit on the disk, before hours are spent on the first.

        Args:
            engine: the trainer.

        Raises:
            OSError: if there is too little space.
        """
        weights = sum(
            tensor.numel() * tensor.element_size() for tensor in self.objects["network"].state_dict().values()
        )
        # The checkpoint holds the weights, two moments of the optimizer and perhaps an average, model.pt the weights
        # again, and each new file is written beside the old one.
        needed = 10 * weights
        self.save_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.save_dir).free
        if free < needed:
            raise OSError(
                f"Not enough space in {self.save_dir}: its files take up to {needed / 2**20:.0f} MiB, and "
                f"{free / 2**20:.0f} MiB are free."
            )

    def save_best(self, engine: Engine) -> None:
        """Save the network if the epoch that has ended is the best so far; only the first process writes.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the file cannot be written; what was there is unchanged.
        """
        better = False
        if validated(engine, self.evaluator):
            score = float(self.evaluator.state.metrics[self.score_name])
            better = self.best_score is None or score > self.best_score
        if better:
            self.best_score, self.best_epoch = score, engine.state.epoch
        if better and idist.get_rank() == 0:
            self._save_best(self.save_dir / MODEL_NAME)

    def save(self, engine: Engine) -> None:
        """Save the state at the end of an epoch; only the first process writes.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the file cannot be written; what was there is unchanged.
        """
        if idist.get_rank() != 0:
            return
        state = {name: item.state_dict() for name, item in self.objects.items()}
        if self.card is not None:
            state["card"] = self.card.to_dict()
        state["progress"] = {
            "epoch": engine.state.epoch,
            "epoch_length": engine.state.epoch_length,
            "best_score": self.best_score,
            "best_epoch": self.best_epoch,
        }
        save_atomically(state, self.save_dir / CHECKPOINT_NAME)

    def _save_best(self, path: Path) -> None:
        averaging = self.objects.get("weight_averaging")
        network = averaging.network if averaging is not None and averaging.chosen else self.objects["network"]
        if self.card is None:
            save_atomically({"network": network.state_dict()}, path)
        else:
            save_checkpoint(path, network, self.card)

    def load(self, engine: Engine) -> None:
        """Put every object and the trainer's epoch where the checkpoint left them.

        Args:
            engine: the trainer.

        Raises:
            ValueError: if the checkpoint is damaged, or of another training.
        """
        path = self.save_dir / CHECKPOINT_NAME
        if not path.is_file():
            print(
                f"No epoch of the training in {self.save_dir} was finished; it starts from the beginning.", flush=True
            )
            return
        state = load_safely(path)
        if not isinstance(state, dict):
            raise ValueError(f"{path} is not the checkpoint of a training.")
        progress, card = state.pop("progress", None), state.pop("card", None)
        if progress is None or set(state) != set(self.objects):
            raise ValueError(
                f"{path} holds {sorted(state)}, but this training would resume with {sorted(self.objects)}; "
                f"pass the method and the settings that it was made with."
            )
        if progress["epoch_length"] != engine.state.epoch_length:
            raise ValueError(
                f"{path} was made with {progress['epoch_length']} iterations per epoch, this training has "
                f"{engine.state.epoch_length}; pass the data and the batch size that it was made with."
            )
        if card is not None and self.card is not None:
            before = NetworkCard.from_dict(card)
            now = {name: getattr(self.card, name) for name in RESUMED_WITH}
            before.check(f"The training in {self.save_dir}", **now)
        for name, item in self.objects.items():
            try:
                item.load_state_dict(state[name])
            except (RuntimeError, ValueError, KeyError) as error:
                reason = str(error).splitlines()[0]
                raise ValueError(f"{path} does not fit this training's {name}: {reason}") from error
        self.best_score, self.best_epoch = progress["best_score"], progress["best_epoch"]
        engine.state.epoch = progress["epoch"]
        engine.state.iteration = progress["epoch"] * progress["epoch_length"]


def save_atomically(state: Any, path: Path) -> None:
    """Write ``state`` with ``torch.save`` so that ``path`` holds either all of it or what it held before.

    Args:
        state: what to save.
        path: the file; its folder is made if missing.

    Raises:
        OSError: when the file cannot be written, in one sentence.

    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())
