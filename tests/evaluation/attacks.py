"""Attacks whose calls can be counted or interrupted, or that find little."""

from collections import Counter

from custom.attacks import FGSM, IFGSM, PGD


class Counted(FGSM):
    """FGSM that counts its batches."""

    calls: Counter = Counter()

    def perturb(self, *arguments):
        Counted.calls[self.epsilon] += 1
        return super().perturb(*arguments)


class Late(FGSM):
    """FGSM that can be interrupted."""

    interrupted = False

    def perturb(self, *arguments):
        if self.interrupted:
            raise KeyboardInterrupt
        return super().perturb(*arguments)


class OnSome(FGSM):
    """FGSM that leaves every second image of a batch of 18 alone."""

    def __init__(self, *, epsilon, parity):
        super().__init__(epsilon=epsilon)
        self.parity = parity

    def with_epsilon(self, epsilon):
        return OnSome(epsilon=epsilon, parity=self.parity)

    def perturb(self, network, images, labels, epsilon):
        # Brighter images are those of larger margins; their rank tells them apart in batches of any size.
        rank = ((images.amax(dim=(1, 2, 3)) - 0.3) * 100).round().long() // 2
        chosen = ((rank + labels) % 2 == self.parity).to(images)
        return super().perturb(network, images, labels, epsilon * chosen)


class Useless(FGSM):
    """An attack that finds nothing."""

    def perturb(self, network, images, labels, epsilon):
        return images


TABLE = {
    "fgsm": FGSM(epsilon=0.05),
    "ifgsm10": IFGSM(epsilon=0.05, steps=10),
    "pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2"),
    "counted": Counted(epsilon=0.05),
    "other": Counted(epsilon=0.1),
    "late": Late(epsilon=0.3),
}
