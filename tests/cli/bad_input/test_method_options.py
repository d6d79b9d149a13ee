"""Options of training methods that contradict each other or themselves."""

import pytest

from tests.cli.programs import content

from .commands import TRAIN, refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--method trades --beta -1", "beta must be a number, at least 0, or None, not -1."),
        ("--method hat --method_options#teacher runs/std --method_options#gamma -1", "gamma must be a number of at"),
        ("--method cfa --method_options#warm_up -1", "warm_up must be a whole number of at least 0, got -1."),
        (
            "--method amat --xi 2 --method_options#stop_at_xi perhaps",
            "stop_at_xi must be True or False, not 'perhaps'.",
        ),
        ("--method fat --method_options#tau 0.5", "tau must be a whole number >= 0, not 0.5."),
        ("--method trades --method_options#betta 1", "Method 'trades' has no hyperparameter 'betta'; it takes beta"),
        ("--method traeds", "method must be one of"),
        ("--epsilon_schedule 1.5", "epsilon_schedule must be a number from 0 to 1, not 1.5."),
        ("--awp -0.1", "awp must be a number, at least 0, not -0.1."),
        ("--validated_weights raw", "validated_weights must be both or averaged, not 'raw'."),
        (
            "--activation_checkpointing True",
            "activation_checkpointing needs a pass for each half; pass joint_pass False",
        ),
        (
            "--method iaat --fine_tuning_epochs 3",
            "The warm_up of iaat, 10 epochs, is as long as the whole training of 3",
        ),
    ],
)
def test_a_training_method_that_cannot_be(options, message, synthetic_data, tmp_path):
    places = f"--dataset_dir {synthetic_data} --output_dir {tmp_path / 'run'} --record False --num_workers 0"
    said = refused(f"{TRAIN} {places} {options}")
    assert said.startswith(f"error: {message}"), said
    # A folder that was claimed goes with the process.
    assert set(content(tmp_path)) <= {"run/.lock"}


def test_an_unknown_recipe():
    line = TRAIN.replace("quickstart.json", "recipe_best.json")
    assert "recipe_best.json" in refused(line)
