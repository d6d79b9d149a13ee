"""The page in a real browser."""

import os
import shutil
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from custom.explorer import SplitImages
from custom.explorer.subject import MAX_BYTES
from tests.deploy.dicom_files import colors, content, photograph
from tests.explorer.conftest import model

# What somebody wants from other pages of Gradio.
os.environ["GRADIO_ALLOWED_PATHS"] = str(Path(__file__).parent)
HOST = "127.0.0.1"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# They are imported where they are used: for the other tests that takes long.
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (apt-get install chromium)"),
    pytest.mark.skipif(not find_spec("gradio"), reason="Gradio is not installed (requirements-explorer.txt)"),
    pytest.mark.skipif(not find_spec("playwright"), reason="Playwright is not installed (requirements-dev.txt)"),
]

TRICKY = "${1+1} {{value}} <i>robust</i>"
"""The name of a model, which no template may compute."""


@pytest.fixture(scope="module")
def address(photograph):
    from custom.explorer import server

    assert server.HOST == HOST
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    models = [model("standard"), model(TRICKY, bias=0.2)]
    with server.serving(models, SplitImages((photograph, photograph), ("MEL", "NV")), port) as found:
        with pytest.raises(OSError, match=f"Port {port} is taken; pass another --port"):
            server.require_free(port)
        yield found


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser, address):
    """The page, opened, with the list of the hosts that it asked for anything."""
    found = browser.new_page(viewport={"width": 1280, "height": 900})
    found.hosts = set()
    found.on("request", lambda request: found.hosts.add(urlsplit(request.url).hostname or HOST))
    found.goto(address)
    expect(found.locator(".outcome")).to_have_count(2, timeout=30_000)
    yield found
    found.close()


def expect(locator):
    from playwright.sync_api import expect as wait_for

    return wait_for(locator)


def outcomes(page):
    return page.locator(".outcome")


def upload(page, path):
    page.set_input_files("input[type=file]", path)


def test_standard_and_robust_side_by_side(page):
    boxes = [section.bounding_box() for section in page.locator("section.model").all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert page.locator("section.model h2").all_inner_texts() == ["standard", TRICKY]
    # Trained at 0.1, which is just the margin of the one and half of the other's: the slider begins there.
    expect(page.locator(".smallest").nth(1)).to_contain_text("ℓ∞ 51", timeout=30_000)
    expect(page.locator(".smallest").nth(0)).to_contain_text("ℓ∞ 25.5/255")
    images = page.locator("section.model img")
    assert images.count() == 10
    assert all(image.get_attribute("alt") for image in images.all())
    assert "Not for clinical use." in page.locator("header").inner_text()


def test_the_slider_moves_by_keys_and_flips_one_model(page):
    slider = page.locator("#radius input[type=range]")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(outcomes(page).nth(0)).to_have_text("MEL: flipped to BKL", timeout=30_000)
    expect(outcomes(page).nth(1)).to_have_text("MEL: held")
    page.keyboard.press("Home")
    expect(page.locator("#summary")).to_contain_text("At radius 0", timeout=30_000)
    expect(outcomes(page).nth(0)).to_have_text("MEL: held")


def test_norm_and_attack_are_chosen_by_keys(page):
    page.locator("#norm input[value=linf]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("#summary")).to_contain_text("within ℓ2 0.3 does not flip", timeout=30_000)
    page.locator("#attack input[value=pgd]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#summary")).to_contain_text("FGSM, one step within ℓ2 0.3", timeout=30_000)


def test_another_test_image_is_chosen(page):
    page.locator("#test-image input").click()
    page.get_by_role("option").nth(1).click()
    expect(outcomes(page).nth(0)).to_contain_text("which is NV", timeout=30_000)


def test_a_dicom_file_is_uploaded_and_deleted(page, tmp_path):
    path = tmp_path / "lesion.dcm"
    path.write_bytes(content(photograph(colors(8, 8))))
    upload(page, path)
    expect(page.locator("#summary")).to_contain_text("lesion.dcm.", timeout=30_000)
    assert "true class" not in page.locator("#summary").inner_text()
    places = list(Path(tempfile.gettempdir()).glob("explorer-*"))
    assert places
    assert not [path for place in places for path in place.rglob("lesion*")]


@pytest.mark.parametrize(
    ("size", "sentence"),
    [(0, "it is empty."), (9, "it is not an image that can be read"), (MAX_BYTES + 1, "maximum allowed")],
)
def test_what_is_no_image_gets_a_sentence(page, tmp_path, size, sentence):
    path = tmp_path / "lesion.png"
    path.write_bytes(b"x" * size)
    before = outcomes(page).all_inner_texts()
    upload(page, path)
    place = page.locator("[role=alert], .toast-body").filter(has_text=sentence)
    expect(place).to_have_count(1, timeout=30_000)
    expect(place).to_contain_text("lesion.png")
    assert outcomes(page).all_inner_texts() == before


def test_a_phone_is_wide_enough(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    boxes = [section.bounding_box() for section in page.locator("section.model").all()]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]


def test_nobody_else_is_asked(page):
    from gradio.analytics import analytics_enabled

    assert not analytics_enabled()
    assert page.hosts == {HOST}
    headers = page.request.get(page.url).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "connect-src 'self'" in headers["content-security-policy"]


def test_other_hosts_and_files_are_refused(page):
    assert page.request.get(page.url, headers={"Host": "evil.example"}).status == 400
    assert page.request.get(f"{page.url}gradio_api/file={Path(__file__).resolve()}").status in (403, 404)
    assert page.request.get(f"{page.url}docs").status == 404
