import pytest

from custom.report import verdict_of

from .evaluations import FAILED, PASSED, metrics
from .records import NAMES


def test_a_fine_classifier_is_green():
    found = verdict_of(metrics(clean=(9, 9, 9), l2=(7, 7, 7), linf=(8, 8, 8)))
    assert (found.level, found.title) == ("green", "Robust within ℓ2 0.3 and ℓ∞ 1/255")
    assert found.reasons == ()
    assert found.plain == (
        "Of 100 images the classifier recognizes 90; 20 of these are lost when their pixels are changed by less than "
        "the eye sees, which leaves 70. By chance it would be 33."
    )
    assert found.precise == (
        "Accuracy on 30 clean images of 15 lesions: 90.0 % (85.0 to 95.0); worst case per image within ℓ2 0.3, correct "
        "when clean and under every attack (pgd20, strong_l2): 70.0 % (65.0 to 75.0); worst case per image within "
        "ℓ∞ 1/255, "
        "correct when clean and under every attack (fgsm): 80.0 % (75.0 to 85.0). In brackets 95 % intervals. "
        "1 of 1 sanity check passed."
    )


def test_a_constant_classifier_is_red_and_never_robust():
    # All images of one class right, under every attack, and all checks passed: what used to be green.
    found = verdict_of(metrics(clean=(10, 0, 0), l2=(10, 0, 0), linf=(10, 0, 0)))
    assert (found.level, found.title) == ("red", "A constant answer")
    assert found.reasons[0] == "It answers melanoma (MEL) for every image."
    assert (
        "Its accuracy on clean images, 33.3 % (28.3 to 38.3), is not clearly better than chance (33.3 %)."
        in found.reasons
    )
    assert "It recognizes hardly any image of nevus (NV): 0.0 % of the clean ones." in found.reasons
    assert "none of these is lost" in found.plain


def test_a_class_that_is_never_predicted_is_named():
    # 55.6 % of a balanced set, and hardly a nevus among them: the quick start of once.
    found = verdict_of(metrics(clean=(9, 8, 0), l2=(8, 7, 0), linf=(8, 8, 0)))
    assert (found.level, found.title) == ("red", "A class is not recognized")
    assert found.reasons == ("It recognizes hardly any image of nevus (NV): 0.0 % of the clean ones.",)


def test_a_class_that_is_lost_under_attack_is_named():
    found = verdict_of(metrics(clean=(10, 9, 8), l2=(10, 9, 0), linf=(9, 9, 8)))
    assert (found.level, found.title) == ("amber", "A class is lost under attack")
    assert found.reasons == ("Under attack it recognizes hardly any image of nevus (NV): 0.0 % within ℓ2 0.3.",)


def test_masked_gradients_are_red_whatever_the_figures():
    found = verdict_of(metrics(clean=(9, 9, 9), l2=(9, 9, 9), linf=(9, 9, 9), checks=(PASSED, FAILED)))
    assert (found.level, found.title) == ("red", "Do not rely on these figures")
    assert found.reasons == (
        "A sanity check failed: An unbounded radius leaves no image right (8.0 % are still right).",
    )
    assert found.precise.endswith("1 of 2 sanity checks passed.")


def test_not_better_than_chance_under_attack_is_not_robust():
    found = verdict_of(metrics(clean=(9, 9, 9), l2=(3, 4, 3), linf=(8, 8, 8)))
    assert (found.level, found.title) == ("red", "Not robust")
    assert found.reasons == (
        "Its accuracy in the worst case within ℓ2 0.3, 33.3 % (28.3 to 38.3), is not clearly better than chance "
        "(33.3 %).",
    )


def test_half_of_the_lead_over_guessing_divides_robust_from_partly_robust():
    # 90 % clean: 56.7 % above chance, of which half is 28.3 %, so that 61.7 % in the worst case would do.
    half = {"clean": (9, 9, 9), "linf": (9, 9, 9)}
    assert verdict_of(metrics(l2=(6, 7, 6), **half)).level == "green"
    found = verdict_of(metrics(l2=(6, 6, 6), **half))
    assert (found.level, found.title) == ("amber", "Partly robust")
    assert found.reasons == ("Within ℓ2 0.3 it loses more than half of its lead over guessing.",)


def test_always_answering_the_most_frequent_class_is_the_bar_of_an_unbalanced_set():
    content = metrics(per_class=[2, 2, 16], clean=(8, 8, 8), l2=(8, 8, 8), linf=(8, 8, 8))
    found = verdict_of(content)
    assert (found.level, found.title) == ("red", "Not better than guessing")
    assert found.reasons == (
        "Its accuracy on clean images, 80.0 % (75.0 to 85.0), is not clearly better than always answering nevus (NV) "
        "(80.0 %).",
    )
    assert found.plain.endswith("By chance it would be 33, and 80 if it always answered nevus (NV).")


def test_without_checks_or_attacks_nothing_is_claimed():
    found = verdict_of(metrics(clean=(9, 9, 9), l2=(9, 9, 9), linf=(9, 9, 9), checks=()))
    assert (found.level, found.title) == ("amber", "Robustness not checked")
    assert found.reasons[0].startswith("No check was made")
    assert found.precise.endswith("No check was made.")
    found = verdict_of(metrics(clean=(9, 9, 9), l2=None, linf=None, checks=()))
    assert (found.level, found.title) == ("amber", "Robustness unknown")
    assert found.plain.startswith(
        "Of 100 images the classifier recognizes 90; whether small changes of their pixels mislead it was not tried."
    )


@pytest.mark.parametrize(
    ("epsilon", "words"),
    [(0.3, "by less than the eye sees"), (3.0, "on purpose, by up to ℓ2 3")],
)
def test_whether_an_eye_sees_the_change(epsilon, words):
    # At 64x64 in three channels ℓ2 0.3 is 0.0027 a value, below 3/255 = 0.0118; ℓ2 3 is 0.027.
    content = metrics()
    content["robust_accuracy"][0]["epsilon"] = epsilon
    assert words in verdict_of(content).plain


def test_class_names_are_spelled_out_as_the_data_set_says():
    content = metrics(clean=(0, 9, 9), class_descriptions={"MEL": "malignant melanoma"})
    assert "malignant melanoma (MEL)" in verdict_of(content).reasons[0]
    named = metrics(clean=(0, 9, 9), names=["BCC/SCC", "b", "c"])
    assert "image of BCC/SCC: 0.0 %" in verdict_of(named).reasons[0]
    assert metrics()["classes"] == NAMES
