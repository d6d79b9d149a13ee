"""The training radius as a function of the epoch."""

from __future__ import annotations

from typing import Protocol

from ignite.engine import Engine, Events

from custom.attacks import Attack


class Scalable(Protocol):
    """A training method whose radius can be set."""

    adversarial: bool

    @property
    def attack(self) -> Attack:
        """The attack with the radius in force."""

    def scale_epsilon(self, factor: float) -> None:
        """Make the radius a multiple of the preset one."""


class EpsilonSchedule:
    """Let the radius of the training attack rise from 0 to its end over the first epochs after the warm-up.

    With ``w`` epochs of warm-up and ``r`` epochs of rise, epoch ``t`` (from 1) trains with the preset epsilon times ::

        0 or scale                    t <= w, whether or not the warm-up is clean
        scale * min((t - w) / (r + 1), 1)    after it

    so that the first epoch after the warm-up already has a small radius, and epoch ``w + r + 1`` the whole (the linear
    rise of DAJAT, Addepalli et al. 2022, and the hinge schedule of arXiv:2509.23325). The step of the attack rises
    with the radius. While the radius is 0 no attack runs. Validation always attacks with the preset epsilon. The
    radius depends on the epoch alone, so a training that resumes needs no state of it; it is the epoch's metric
    ``epsilon``.

    Args:
        method: the training method, whose radius is set.
        warm_up: number of epochs in which only the head is trained.
        clean_warm_up: whether those train on clean images.
        rise: number of epochs after the warm-up in which the radius is below its end.
        scale: the radius at the end, as a multiple of the preset epsilon, at least 0.

    Raises:
        ValueError: if a number of epochs or the scale is negative.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.handlers import EpsilonSchedule
        >>> from custom.methods import create_method
        >>> method = create_method("at", PGD(epsilon=0.3, steps=7, step_size=0.15))
        >>> schedule = EpsilonSchedule(method, warm_up=1, clean_warm_up=True, rise=3)
        >>> [schedule.factor(epoch) for epoch in range(1, 6)]
        [0.0, 0.25, 0.5, 0.75, 1.0]

    """

    def __init__(
        self, method: Scalable, warm_up: int = 0, clean_warm_up: bool = False, rise: int = 0, scale: float = 1.0
    ) -> None:
        for name, value in (("warm_up", warm_up), ("rise", rise), ("scale", scale)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} of the epsilon schedule must be a number of at least 0, not {value}.")
        self.method = method
        self.warm_up = warm_up
        self.clean_warm_up = clean_warm_up
        self.rise = rise
        self.scale = scale

    def attach(self, engine: Engine) -> None:
        """Attach the schedule to the start of the trainer's epochs.

        Args:
            engine: the trainer.
        """
        engine.add_event_handler(Events.EPOCH_STARTED, self)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.record)

    def __call__(self, engine: Engine) -> None:
        """Set the radius of the epoch that starts.

        Args:
            engine: the trainer.
        """
        self.method.scale_epsilon(self.factor(engine.state.epoch))

    def record(self, engine: Engine) -> None:
        """Note the radius of the epoch that has ended as its metric ``epsilon``.

        Args:
            engine: the trainer.
        """
        if self.method.adversarial:
            engine.state.metrics["epsilon"] = self.method.attack.epsilon

    def factor(self, epoch: int) -> float:
        """The training radius of an epoch as a multiple of the preset epsilon.

        Args:
            epoch: number of the epoch, from 1.
        """
        if epoch <= self.warm_up:
            return 0.0 if self.clean_warm_up else float(self.scale)
        return self.scale * min((epoch - self.warm_up) / (self.rise + 1), 1.0)
