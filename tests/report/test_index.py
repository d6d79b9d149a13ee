import pytest

from custom.report import IndexEntry, render_index, write_index

from .evaluations import metrics, write_evaluation
from .test_render import Page


@pytest.fixture
def runs(tmp_path):
    folders = []
    for name, l2 in (("std", (0, 1, 0)), ("dpaat", (8, 8, 8))):
        write_evaluation(tmp_path / "runs" / name / "evaluation", metrics(l2=l2, linf=None))
        (tmp_path / "runs" / name / "model_card.md").write_text("card")
        folders.append(tmp_path / "runs" / name)
    return folders


def test_links_everything_relative_to_itself(runs, tmp_path):
    comparison = tmp_path / "comparison" / "comparison.html"
    comparison.parent.mkdir()
    comparison.write_text("page")
    links = {"Comparison": comparison, "Explanations": tmp_path / "absent.html"}
    path = write_index(tmp_path / "pages" / "index.html", runs, title="Two <models>", links=links)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == []
    targets = [target for target in page.values("a", "href") if not target.startswith("#")]
    assert targets == [
        "../runs/std/evaluation/report.html",
        "../runs/dpaat/evaluation/report.html",
        "../comparison/comparison.html",
        "../runs/std/evaluation/report.html",
        "../runs/std/model_card.md",
        "../runs/dpaat/evaluation/report.html",
        "../runs/dpaat/model_card.md",
    ]
    assert "Two <models>" in page.text
    assert (
        "std recognizes 80 of 100 images, 3 in the worst case within ℓ2 0.3; dpaat recognizes 80 of 100 images, 80 in "
        "the worst case within ℓ2 0.3." in page.text
    )
    assert page.text.index("Not robust") < page.text.index("Robust within ℓ2 0.3")


def test_runs_attacked_within_other_radii_have_columns_of_their_own():
    other = metrics(linf=None)
    other["robust_accuracy"][0]["epsilon"] = 0.5
    html = render_index([IndexEntry("a", metrics(linf=None), "a.html"), IndexEntry("b", other, "b.html")])
    text = Page(html).text
    assert "Worst case, ℓ2 0.3" in text
    assert "Worst case, ℓ2 0.5" in text
    assert text.count("–") == 2


def test_runs_without_evaluation_get_one_sentence(runs, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"empty holds no metrics\.json"):
        write_index(tmp_path / "index.html", [*runs, tmp_path / "empty"])
    with pytest.raises(ValueError, match="An index needs at least one run"):
        render_index([])
    assert not (tmp_path / "index.html").exists()
