from custom.data.check_images import ImageFacts
from custom.data.nuisances import find_nuisances

CLASSES = ["a", "b"]


def fact(size=(10, 10), format="PNG", stored_bytes=100, orientation=1):
    return ImageFacts(size, 8, 3, 0, 255, format, "", orientation=orientation, stored_bytes=stored_bytes)


def test_a_value_of_one_class_alone_is_named():
    facts = [fact(format="JPEG")] * 10 + [fact()] * 20
    assert find_nuisances(facts, [1] * 10 + [0] * 15 + [1] * 5, CLASSES) == [
        "All 10 images whose format is JPEG are b."
    ]
    # 3 of 6 classes are no evidence: 0.5 to the power of 3.
    assert find_nuisances([fact(format="JPEG")] * 3 + [fact()] * 3, [1] * 3 + [0] * 3, CLASSES) == []


def test_a_property_that_tells_most_classes_is_named():
    """18 of 20 large images are a, 18 of 20 small ones are b: 90 % by the size, 50 % by guessing."""
    facts = [fact((20, 20))] * 20 + [fact()] * 20
    labels = [0] * 18 + [1] * 2 + [1] * 18 + [0] * 2
    assert find_nuisances(facts, labels, CLASSES) == [
        "The size alone tells the class of 90% of the images; the largest class has 50% of them."
    ]


def test_sizes_that_all_differ_tell_nothing():
    facts = [fact((10 + number, 10), stored_bytes=10 * (10 + number)) for number in range(60)]
    assert find_nuisances(facts, [number % 2 for number in range(60)], CLASSES) == []


def test_exif_orientation_is_a_nuisance_too():
    facts = [fact(orientation=6)] * 12 + [fact()] * 12
    assert find_nuisances(facts, [0] * 12 + [1] * 12, CLASSES) == [
        "All 12 images whose EXIF orientation is 6 are a.",
        "All 12 images whose EXIF orientation is 1 are b.",
    ]


def test_another_compression_is_named_once_for_two_classes():
    facts = [fact(stored_bytes=100 + number) for number in range(12)]
    facts += [fact(stored_bytes=300 + number) for number in range(12)]
    (told,) = find_nuisances(facts, [0] * 12 + [1] * 12, CLASSES)
    assert told == (
        "Files of a take fewer bytes per pixel (1.1, others 3.1), which tells them from the others with an area under "
        "the ROC curve of 1.00."
    )
    mixed = [number % 2 for number in range(24)]
    assert find_nuisances(facts, mixed, CLASSES) == []
    alike = [fact(stored_bytes=100 + number) for number in range(24)]
    assert find_nuisances(alike, [0] * 12 + [1] * 12, CLASSES) == []
