from custom.report import verdict

from .summaries import summary

PASSED = {"name": "Sound", "passed": True, "detail": "fine"}
FAILED = {"name": "An unbounded radius leaves no image right", "passed": False, "detail": "8.0% still right"}


def test_three_sentences_with_the_figures():
    first, second, third = verdict(summary([PASSED])).sentences
    assert first.startswith("The classifier recognises 80.0 % (")
    assert first.endswith(") of 30 clean images of 15 lesions.")
    # The strongest of each ball; of the radii of a grid none counts.
    assert "keeps 40.0 % (" in second
    assert "within L∞ 1/255 (ifgsm10) and 30.0 % (" in second
    assert second.endswith(
        "within L2 0.3 (pgd20); hardest hit is MEL, recognised in 90.0 % of its clean images and 10.0 % of "
        "the attacked (L2 0.3)."
    )
    assert third == "All 1 checks against false robustness passed."
    assert verdict(summary([PASSED])).failures == ()


def test_failed_checks_are_named():
    found = verdict(summary([PASSED, FAILED]))
    assert found.sentences[2] == "1 of 2 checks against false robustness failed: do not rely on this."
    assert found.failures == ("An unbounded radius leaves no image right: 8.0% still right",)


def test_nothing_is_claimed_without_attack_or_checks():
    assert verdict(summary(attacked={})).sentences[1] == "It was not attacked."
    assert verdict(summary()).sentences[2].startswith("No check against false robustness was made")
