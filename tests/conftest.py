"""What the tests of more than one folder share."""

import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from custom.data.dataset_folder import new_dataset_folder
from custom.data.synthetic import make_synthetic

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _state_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the secret that signs runs out of the home of whoever runs the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def mlflow_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give new MLflow databases a copy of the tables of one, as making them takes a second each time."""
    from mlflow.store.db import utils

    made = tmp_path_factory.mktemp("mlflow") / "tables.db"
    engine = utils.create_sqlalchemy_engine(f"sqlite:///{made}")
    utils._initialize_tables(engine)
    engine.dispose()

    def copy_tables(engine) -> None:
        with closing(sqlite3.connect(made)) as source, closing(engine.raw_connection()) as target:
            source.backup(target.driver_connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "_initialize_tables", copy_tables)
        yield


@pytest.fixture
def unsaved_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plot a report's figures without saving them, which takes longest, for tests that look at its text."""
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, format="png")
    monkeypatch.setattr("custom.report.page.figure_png", lambda figure: buffer.getvalue())


def prepared(output: Path, per_class: int, size: int) -> Path:
    """Write a prepared data set of synthetic images."""
    with new_dataset_folder(output, overwrite=False) as folder:
        make_synthetic(folder, per_class=per_class, size=size, seed=0, workers=1)
    return output


@pytest.fixture(scope="session")
def synthetic_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared data set of twelve small synthetic images per class."""
    return prepared(tmp_path_factory.mktemp("data") / "synthetic", per_class=12, size=80)


@pytest.fixture(scope="session")
def federated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough images for two sites to have validation images of every class."""
    return prepared(tmp_path_factory.mktemp("federated") / "data", per_class=30, size=32)


@pytest.fixture(scope="session")
def run(root, synthetic_data, tmp_path_factory):
    """The folder of a short training without records, with an evaluation inside."""
    folder = tmp_path_factory.mktemp("trained") / "at-squeezenet1_1"
    from monai.bundle import ConfigParser, ConfigWorkflow

    from custom.networks import load_weights

    configs = root / "bundle" / "configs"
    settings = {"method": "at", "backbone": "squeezenet1_1", "image_size": 48, "epsilon": 0.2, "weights": None}
    settings |= {"batch_size": 8, "num_workers": 0, "warm_up_epochs": 0, "fine_tuning_epochs": 1, "steps": 2}
    settings |= {"dataset_dir": str(synthetic_data), "seed": 3}
    workflow = ConfigWorkflow(
        str(configs / "train.json"),
        workflow_type="train",
        logging_file=False,
        output_dir=str(folder),
        record=False,
        **{key: value for key, value in settings.items() if value is not None},
        weights="none",
    )
    workflow.initialize()
    workflow.parser.get_parsed_content("train#trainer").run()
    parser = ConfigParser()
    parser.read_config([str(configs / "train.json"), str(configs / "evaluate.json")])
    given = {"attacks": ["clean", "fgsm"], "check_images": 0, "curve_images": 0, "corruption_images": 0}
    given |= {"resamples": 20, "cache_rate": 0.0, "device": "cpu"}
    parser.update({**settings, **given, "checkpoint": str(folder / "model.pt")})
    load_weights(parser.get_parsed_content("network"), folder / "model.pt")
    parser.get_parsed_content("evaluation").run()
    return folder
