"""Volumes from files to a report: NIfTI in folders of classes, and folders of DICOM series."""

import json

import nibabel
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.attacks import PGD, perturbation_norm
from custom.data import load_datalist
from custom.data.check_data import check_data
from custom.data.quick_check import check_before_training
from custom.export.bundle import export_bundle
from custom.export.formats import FORMATS, export_network
from custom.metrics import AttackKey
from custom.metrics.results import read_predictions
from custom.networks import load_weights, read_checkpoint
from custom.report import write_report
from custom.runs import Run, read_config
from scripts.prepare import main as prepare
from tests.volumes import write_nifti, write_series

SMALL = {"backbone": "small_resnet", "image_size": 12, "epsilon": 0.5, "method": "dpaat", "steps": 2, "seed": 3}
SHORT = {"batch_size": 4, "num_workers": 0, "warm_up_epochs": 0, "fine_tuning_epochs": 1, "record": False}
FEW = {"attacks": ["clean", "fgsm", "strong_l2"], "curve_images": 0, "check_images": 4, "square_queries": 5}
# The first axis runs to the left; voxels of 2 mm, the first of which is at (11, -9, 4).
AFFINE = np.array([[-2.0, 0, 0, 11], [0, 2.0, 0, -9], [0, 0, 2.0, 4], [0, 0, 0, 1]])


def blob(label, rng):
    """A bright or dark cube in a gray volume of 12 x 12 x 12 voxels, values from 0 to 100."""
    values = rng.normal(50, 5, (12, 12, 12))
    values[4:8, 4:8, 4:8] += 40 if label else -40
    return values.clip(0, 100).round().astype(np.int16)


def train(root, data, folder):
    configs = [str(root / "bundle" / "configs" / name) for name in ("train.json", "volume.json")]
    given = {**SMALL, **SHORT, "dataset_dir": str(data), "output_dir": str(folder)}
    workflow = ConfigWorkflow(configs, workflow_type="train", logging_file=False, **given)
    workflow.initialize()
    workflow.parser.get_parsed_content("train#trainer").run()
    return folder


def over_run(root, folder, name, **overrides):
    """A config over that of a run, as the commands take it, with the run's weights in its network."""
    parser = read_config(folder, root / "bundle" / "configs" / name)
    checkpoint = folder / "model.pt"
    parser.update({"checkpoint": str(checkpoint), "device": "cpu", "cache_rate": 0.0, **overrides})
    load_weights(parser.get_parsed_content("network"), checkpoint)
    return parser


def evaluate(root, folder, **fewer):
    over_run(root, folder, "evaluate.json", resamples=20, **FEW | fewer).get_parsed_content("evaluation").run()
    write_report(folder / "evaluation")
    return json.loads((folder / "evaluation" / "metrics.json").read_text())


@pytest.fixture(scope="module")
def nifti_run(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    rng = np.random.default_rng(0)
    for label, name in enumerate(("dark", "light")):
        for number in range(10):
            write_nifti(folder / "ct" / name / f"{number}.nii.gz", blob(label, rng), AFFINE)
    assert prepare([str(folder / "ct"), "--output", str(folder / "data"), "--window", "0", "100"]) == 0
    run = train(root, folder / "data", folder / "run")
    evaluate(root, run)
    return run


def test_nifti_files_become_a_report(nifti_run):
    metrics = json.loads((nifti_run / "evaluation" / "metrics.json").read_text())
    assert metrics["data"]["image_shape"] == [1, 12, 12, 12]
    assert metrics["checks_made"] > 3
    assert metrics["corruptions"] is None  # photographs' corruptions say nothing of volumes
    assert "12 x 12 x 12" in (nifti_run / "evaluation" / "report.html").read_text()
    card = read_checkpoint(nifti_run / "model.pt").card
    assert (card.image_size, card.channels, card.spacing) == ((12, 12, 12), 1, (2, 2, 2))
    assert card.intensity == {"bits": 32, "low": 0, "high": 100}


def test_attacked_volumes_are_saved_where_they_were(nifti_run):
    files = sorted((nifti_run / "evaluation" / "data" / "examples").glob("*_attacked.nii.gz"))
    assert files
    attacked = nibabel.load(files[0])
    clean = nibabel.load(str(files[0]).replace("_attacked", ""))
    # In RAS+ the first axis is turned: its first voxel was the last of the file, at 11 - 2 * 11.
    expected = [[2, 0, 0, -11], [0, 2, 0, -9], [0, 0, 2, 4], [0, 0, 0, 1]]
    np.testing.assert_allclose(attacked.affine, expected)
    np.testing.assert_allclose(clean.affine, expected)
    change = attacked.get_fdata() - clean.get_fdata()
    assert 0.3 < np.linalg.norm(change) <= 0.5 + 1e-4
    items = {item["image_id"]: item for item in load_datalist(nifti_run.parent / "data", "test")}
    name = files[0].name.partition("_")[2].removesuffix("_attacked.nii.gz")
    source = next(item["image"] for image_id, item in items.items() if image_id.replace("/", "_") == name)
    np.testing.assert_allclose(clean.get_fdata(), nibabel.load(source).get_fdata()[::-1] / 100, atol=1e-6)


def test_maps_are_saved_where_the_volumes_are(root, nifti_run, tmp_path):
    parser = over_run(root, nifti_run, "explain.json", explanations_dir=str(tmp_path / "maps"))
    parser["explain#grad_cam#correct_only"] = False
    parser["explain#grad_cam#faithfulness_steps"] = 2
    parser.get_parsed_content("explain#evaluator").run()
    maps = sorted((tmp_path / "maps" / "maps").glob("*.nii.gz"))
    assert len(maps) == 2 * len(load_datalist(nifti_run.parent / "data", "test"))
    for path in maps[:2]:
        assert nibabel.load(path).shape == (12, 12, 12)
        np.testing.assert_allclose(nibabel.load(path).affine[:3, 3], [-11, -9, 4])
    assert (tmp_path / "maps" / "grid.png").is_file()


def infer(parser):
    parser.get_parsed_content("evaluator").run()
    predictions = parser.get_parsed_content("predictions")
    return {row["image"].rpartition("ct/")[2]: row for row in predictions.rows}


def test_inference_and_an_exported_bundle_give_the_evaluations_probabilities(root, nifti_run, tmp_path):
    clean = read_predictions(nifti_run / "evaluation")[AttackKey("clean")]
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "inference.json")
    source = nifti_run.parent / "ct"
    (source / "light" / "broken.nii.gz").write_bytes(b"no volume")
    given = {"device": "cpu", "num_workers": 0, "dataset_dir": str(source), "output_dir": str(tmp_path / "a")}
    parser.update({**given, "checkpoint": str(nifti_run / "model.pt")})
    found = infer(parser)
    assert "it is not a volume that can be read" in found.pop("light/broken.nii.gz")["error"]
    bundle = export_bundle(Run.read(nifti_run), "volumes", tmp_path / "exports").folder
    exported = ConfigParser()
    exported.read_config([bundle / "configs" / "metadata.json", bundle / "configs" / "inference.json"])
    exported.update({**given, "bundle_root": str(bundle), "output_dir": str(tmp_path / "b")})
    again = infer(exported)
    assert len(found) == 20
    for name, probabilities in zip(clean.image_ids, clean.probabilities, strict=True):
        assert list(found[name]["probabilities"].values()) == pytest.approx(probabilities.tolist(), abs=1e-5)
    for name, row in found.items():
        assert again[name]["probabilities"] == pytest.approx(row["probabilities"], abs=1e-6)
    (source / "light" / "broken.nii.gz").unlink()
    inputs = json.loads((bundle / "configs" / "metadata.json").read_text())["network_data_format"]["inputs"]["image"]
    assert (inputs["num_channels"], inputs["spatial_shape"]) == (1, [12, 12, 12])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "onnx" else []) for name in FORMATS]
)
def test_a_network_of_volumes_is_exported_as_a_program(name, nifti_run, tmp_path):
    if name == "onnx":
        pytest.importorskip("onnxruntime")
    network = Run.read(nifti_run)
    classifier = load_weights(network.parser.get_parsed_content("network_def"), nifti_run / "model.pt")
    path = tmp_path / f"model{FORMATS[name][0]}"
    assert export_network(classifier, torch.rand(3, 1, 12, 12, 12), name, path) < 1e-4
    assert path.is_file()


@pytest.mark.usefixtures("unsaved_figures")
def test_dicom_series_become_a_report_by_patient(root, tmp_path):
    rng = np.random.default_rng(1)
    for label, name in enumerate(("dark", "light")):
        for number in range(12):
            # Two series of each patient; slices are 4 mm apart, pixels 2 mm.
            where = tmp_path / "ct" / name / f"P{number // 2}" / f"series {number % 2}"
            write_series(where, blob(label, rng)[:, :, ::2], spacing=(2, 2, 4), patient=f"{name}{number // 2}")
    arguments = [str(tmp_path / "ct"), "--output", str(tmp_path / "data"), "--window", "0", "100", "--test", "0.3"]
    assert prepare(arguments) == 0
    content = json.loads((tmp_path / "data" / "datalist.json").read_text())
    assert content["spacing"] == [2, 2, 4]
    groups = [{item["lesion_id"] for item in content[split]} for split in ("training", "validation", "test")]
    assert len(set.union(*groups)) == sum(map(len, groups)) == 12
    check_before_training(str(tmp_path / "data" / "datalist.json"))
    assert not check_data(tmp_path / "data").has_errors
    run = train(root, tmp_path / "data", tmp_path / "run")
    metrics = evaluate(root, run, attacks=["clean", "fgsm"], check_images=0)
    assert metrics["data"]["images"] == len(content["test"])
    assert metrics["data"]["lesions"] == len(groups[2])
    assert (tmp_path / "run" / "evaluation" / "report.html").is_file()


def test_damaged_volumes_are_refused_by_name(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for label, name in enumerate("ab"):
        for number in range(4):
            write_nifti(tmp_path / "ct" / name / f"{number}.nii", blob(label, rng))
    file = tmp_path / "ct" / "a" / "2.nii"
    file.write_bytes(file.read_bytes()[:-100])
    write_series(tmp_path / "ct" / "b" / "scan", blob(0, rng), left_out=[3])
    assert prepare([str(tmp_path / "ct"), "--output", str(tmp_path / "data"), "--window", "0", "100"]) == 1
    told = capsys.readouterr().err
    assert "images that cannot be read (2): " in told
    assert "a/2.nii (it is a damaged volume" in told
    assert "b/scan (its slices slice_97.dcm and slice_95.dcm are 2 mm apart" in told
    assert not (tmp_path / "data").exists()


def test_the_radius_of_an_attack_is_the_norm_over_all_voxels():
    weights = torch.arange(1.0, 9.0).view(2, 2, 2)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 2, bias=False))
    with torch.no_grad():
        network[1].weight.copy_(torch.stack([weights.flatten(), -weights.flatten()]) / 100)
    volumes = torch.full((3, 1, 2, 2, 2), 0.5)
    attacked = PGD(epsilon=0.1, step_size=0.1, steps=1)(network, volumes, torch.tensor([0, 0, 1]))
    # The gradient is along the weights, whose squares sum up to 204.
    expected = torch.stack([-weights, -weights, weights])[:, None] * 0.1 / 204**0.5
    torch.testing.assert_close(attacked - volumes, expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(perturbation_norm(attacked - volumes, "l2"), torch.full((3,), 0.1), atol=1e-6, rtol=0)
