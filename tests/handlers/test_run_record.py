import json

import pytest
from ignite.engine import Engine

from custom.handlers import RunRecord
from custom.runs.folder import release


def trainer(handler):
    engine = Engine(lambda engine, batch: None)
    handler.attach(engine)
    return engine


def test_the_config_is_there_as_soon_as_the_training_starts(tmp_path):
    seen = []
    engine = trainer(RunRecord(str(tmp_path / "run"), config={"method": "at"}))
    engine.add_event_handler("EPOCH_STARTED", lambda _: seen.append((tmp_path / "run" / "config.json").read_text()))
    engine.run([0], max_epochs=1)
    assert json.loads(seen[0]) == {"method": "at"}


def test_one_training_may_run_its_trainer_again_and_another_may_not_take_its_folder(tmp_path):
    engine = trainer(RunRecord(str(tmp_path / "run"), config={"method": "at"}))
    for epochs in (1, 2):
        engine.run([0], max_epochs=epochs)
    with pytest.raises(FileExistsError, match="holds another training's results"):
        trainer(RunRecord(str(tmp_path / "run"), config={"method": "at"})).run([0], max_epochs=1)


def test_resuming_with_other_settings_is_refused_and_changes_nothing(tmp_path):
    trainer(RunRecord(str(tmp_path), config={"learning_rate": 0.1})).run([0], max_epochs=1)
    resumed = RunRecord(str(tmp_path), resume=True, config={"learning_rate": 0.2})
    with pytest.raises(ValueError, match=r"began with learning_rate 0\.1 and cannot resume with 0\.2"):
        trainer(resumed).run([0], max_epochs=1)
    assert json.loads((tmp_path / "config.json").read_text()) == {"learning_rate": 0.1}


@pytest.mark.parametrize(
    ("error", "checkpoint", "left"),
    [
        (ValueError("an image is damaged"), False, []),
        (ValueError("an image is damaged"), True, [".lock", ".signature", "checkpoint.pt", "config.json"]),
        (KeyboardInterrupt(), False, [".lock", ".signature", "config.json"]),
    ],
)
def test_a_training_that_fails_before_its_first_checkpoint_leaves_no_folder(tmp_path, error, checkpoint, left):
    folder = tmp_path / "run"

    def step(engine, batch):
        if checkpoint:
            (folder / "checkpoint.pt").touch()
        raise error

    engine = Engine(step)
    RunRecord(str(folder), config={"method": "at"}).attach(engine)
    with pytest.raises(type(error)):
        engine.run([0], max_epochs=1)
    assert sorted(path.name for path in folder.iterdir() if left or path.name != ".lock") == left
    release()
    assert folder.exists() == bool(left)
