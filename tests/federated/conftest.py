import pytest

TINY = {"backbone": "squeezenet1_1", "weights": None, "image_size": 32, "steps": 2, "batch_size": 8}
TINY["training_handlers#learning_curves#_disabled_"] = True


@pytest.fixture
def tiny():
    """What makes a training short."""
    return {**TINY, "warm_up_epochs": 0, "fine_tuning_epochs": 2}
