import json
import subprocess
import sys
from html.parser import HTMLParser

import matplotlib
import pytest

from custom.report import print_verdict, render, write_report
from custom.report.style import figure_png, panel
from scripts.report import main

from .evaluations import FAILED, metrics, write_evaluation
from .records import interval, stability

AWKWARD = ["Nevus (benign)", "BCC/SCC", "Läsion, <5 mm | a&b $x_1$ $"]


class Page(HTMLParser):
    """Every tag of a page, its balance, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(" ".join(data.split()))

    def values(self, tag, attribute):
        return [attributes[attribute] for found, attributes in self.tags if found == tag and attribute in attributes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_evaluation(tmp_path_factory.mktemp("run") / "evaluation")


@pytest.fixture(scope="module")
def html(folder):
    return render(folder)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_everything_is_inside_one_well_formed_file(html, page):
    assert page.open == []
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert all(source.startswith("data:image/png;base64,") for source in page.values("img", "src"))
    # 2 curves, 3 confusion matrices, ROC, risk-coverage, a subgroup, corruptions, 3 examples, 3 reliability diagrams.
    assert len(page.values("img", "src")) == 15
    assert all(page.values("img", "alt"))
    for outside in ("http:", "https:", "@import", "url("):
        assert outside not in html


def test_the_contents_link_to_every_section_and_the_files_to_every_csv(page):
    anchors = [target[1:] for target in page.values("a", "href") if target.startswith("#")]
    assert anchors == [name for name in page.values("section", "id") if name != "verdict"]
    assert len(anchors) == len(set(anchors)) == 14
    assert {"metrics.json", "metrics.csv", "predictions.csv"} <= set(page.values("a", "href"))


def test_the_headline_is_the_worst_case_with_the_rounded_figure_beside(page):
    start = page.text.index("Worst case")
    cells = [text for text in page.text[start : start + 16] if text]
    assert cells[:6] == ["Worst case", "ℓ2 0.3", "53.3", "48.3 to 58.3", "54.3", "49.3 to 59.3"]
    first_table = page.text.index("Accuracy in %")
    assert first_table < start < page.text.index("Each attack alone")


@pytest.mark.parametrize(
    "text",
    [
        "1,234,567 parameters",
        "melanoma (MEL): 10 test images",
        "Within ℓ2 0.3: 24 of 30 images classified correctly when clean, 16 of them in the worst case. Lost to "
        "pgd20: 8.",
        # Straight from 0.8 to 0.267 over five points.
        "53.3",
        "Clinical reading: melanoma (MEL)",
        "Sensitivity at 90 % specificity",
        "0.413",
        "age: the group recognized least in the worst case within ℓ2 0.3 is 30-44.",
        "A case is unstable if an attack can change its prediction, right or wrong: pgd20 within ℓ2 0.3 changed 12 of "
        "30. If these are referred, accuracy is 90.0 % on the rest; on those referred it is 65.0 %.",
        "too small to judge",
        "Worst kind: defocus blur",
        "Temperature scaling divides all logits by 1.500, fitted on 30 images of the validation split. It changes "
        "confidences and no answer.",
        "Not for strong_l2: these return images that they could not fool as they were, so that only accuracy and "
        "recall mean something.",
        "Brier score",
        "passed",
        "Not for clinical use.",
        "python -m custom evaluate 'a run'",
        "abc1234",
        "weights_sha256",
        "beef",
        "torch 2",
    ],
)
def test_what_the_report_says(page, text):
    assert text in " ".join(page.text)


def test_one_spelling_of_norms(page):
    text = " ".join(page.text)
    assert "ℓ2" in text
    assert "ℓ∞" in text
    for other in ("L2", "L∞", "l2 ", "linf", "Linf"):
        assert other not in text.replace("strong_l2", "").replace("norm: l2", "").replace("norm: linf", "")


@pytest.mark.parametrize("names", [AWKWARD, AWKWARD[:2]])
def test_any_class_name_works_everywhere(tmp_path, names, request):
    if names != AWKWARD:  # they have been drawn
        request.getfixturevalue("unsaved_figures")
    ours = {"clean": (9, 8, 7), "l2": (5, 6, 5), "linf": (6, 6, 6)}
    rights = {key: value[: len(names)] for key, value in ours.items()}
    content = metrics(names=names, **rights)
    content["model"]["name"] = "<b>a model</b>"
    folder = write_evaluation(tmp_path / "evaluation", content)
    html = render(folder)
    page = Page(html)
    assert page.open == []
    for name in names:
        assert any(name in text for text in page.text)
    assert "<5 mm" not in html
    assert "<b>" not in html
    assert matplotlib.rcParams["text.parse_math"]  # the process that renders keeps its own settings


@pytest.mark.usefixtures("unsaved_figures")
def test_red_is_the_card_of_a_failed_check_and_green_of_none(tmp_path):
    for checks, level in (((FAILED,), "red"), (None, "green")):
        content = metrics(clean=(9, 9, 9), l2=(8, 8, 8), linf=(8, 8, 8), **({"checks": checks} if checks else {}))
        page = Page(render(write_evaluation(tmp_path / level, content)))
        card = next(attributes for tag, attributes in page.tags if attributes.get("id") == "verdict")
        assert card["class"] == f"card verdict {level}"
        assert ("FAILED" in page.text) == (level == "red")


def test_parts_that_were_not_measured_are_left_out(tmp_path):
    nothing = dict.fromkeys(("clinical", "subgroups", "corruptions", "temperature", "examples", "explanations"))
    content = metrics(l2=None, linf=None, checks=(), risk_coverage=[], **nothing)
    page = Page(render(write_evaluation(tmp_path / "evaluation", content)))
    anchors = [target for target in page.values("a", "href") if target.startswith("#")]
    assert anchors == ["#accuracy", "#recall", "#confusion", "#calibration", "#metrics", "#checks", "#card", "#repeat"]
    assert "No check was made." in page.text
    assert "Not attacked." in page.text


@pytest.mark.usefixtures("unsaved_figures")
@pytest.mark.parametrize(
    ("unstable", "text"),
    [
        (0, "No case is unstable: pgd20 within ℓ2 0.3, tried on every prediction, right or wrong, changed none of 30."),
        (30, "pgd20 within ℓ2 0.3 changed 30 of 30. If these are referred, no case is left."),
    ],
)
def test_all_cases_or_none_may_be_unstable(tmp_path, unstable, text):
    content = metrics(stability=stability(unstable))
    page = Page(render(write_evaluation(tmp_path / "evaluation", content)))
    assert text in " ".join(page.text)


@pytest.mark.usefixtures("unsaved_figures")
def test_explanations_say_how_they_were_made_and_show_their_grid(tmp_path, folder):
    explanations = {
        "method": "grad_cam",
        "target_layer": "layer4",
        "map_shape": [2, 2],
        "image_shape": [64, 64],
        "explained_class": "true",
        "attack": {"attack": "pgd20", "norm": "l2", "epsilon": 0.3, "steps": 20},
        "images": 12,
        "masked": 3,
        "correct_only": True,
        "notes": ["1 map is 0 throughout."],
        "measures": {"deletion": {**interval(0.25), "images": 12}, "iou": {**interval(0.5), "images": 1}},
    }
    evaluated = write_evaluation(tmp_path / "evaluation", metrics(explanations=explanations))
    (evaluated / "data" / "explanations.png").write_bytes(figure_png(panel()))
    page = Page(render(evaluated))
    text = " ".join(page.text)
    for words in (
        "Grad-CAM of the layer layer4 for the true class; maps of 2x2 enlarged to 64x64",
        "attack pgd20, ℓ2 0.3, 20 steps.",
        "Means over 12 correctly recognized images, 3 of them with a lesion mask",
        "1 map is 0 throughout.",
        "Deletion: area under the curve (lower is better) 12 0.250 0.200 to 0.300",
        # One image has no interval.
        "IoU of map and lesion at the best threshold 1 0.500 Deletion",
    ):
        assert words in " ".join(text.split())
    assert "explanations" in page.values("img", "class")


def test_rendering_again_gives_the_same_files_and_runs_nothing(tmp_path, capsys):
    few = metrics(linf=None, subgroups=None, corruptions=None, temperature=None, risk_coverage=[])
    folder = write_evaluation(tmp_path / "run" / "evaluation", few)
    report = write_report(tmp_path / "run")
    assert report == folder / "report.html"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in (folder / "figures").iterdir()} >= {"roc.png", "accuracy_l2.png", "confusion_0.png"}
    assert main([str(folder)]) == 0
    assert capsys.readouterr().out == f"Report: {report}\n"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_command_answers_bad_folders_in_one_sentence_and_leaves_them_alone(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "holds no metrics.json; pass the folder of a finished evaluation." in capsys.readouterr().err
    for content, sentence in (("{", "is not valid JSON"), ("{}", "another version of this program; evaluate again.")):
        (tmp_path / "metrics.json").write_text(content)
        assert main([str(tmp_path)]) == 1
        assert sentence in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


def test_the_verdict_is_printed_with_the_report(folder, capsys):
    print_verdict(folder)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Partly robust. Of 100 images the classifier recognizes 80; 27 of these are lost")
    assert lines[1] == "Within ℓ2 0.3 it loses more than half of its lead over guessing."
    assert lines[-1] == f"Report: {folder / 'report.html'}"


def test_reports_are_rendered_without_torch(folder):
    code = (
        "import sys, custom.report, custom.report.comparison, custom.report.page as page; "
        "page.figure_png = lambda figure: b''; custom.report.render(sys.argv[1]); "
        "print({name.split('.')[0] for name in sys.modules} & {'torch', 'monai', 'ignite', 'mlflow'})"
    )
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.usefixtures("unsaved_figures")
def test_numbers_that_could_not_be_computed_are_dashes(tmp_path):
    content = metrics()
    nothing = {"value": None, "low": None, "high": None}
    content["clean"]["images"]["roc_auc"] = nothing
    content["subgroups"]["age"]["groups"][1]["worst_case"] = None
    content["corruptions"]["results"][0]["accuracy"] = nothing
    html = render(write_evaluation(tmp_path / "evaluation", json.loads(json.dumps(content))))
    assert "–" in Page(html).text
