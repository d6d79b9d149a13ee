import base64
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from custom.report import render_page, render_report

from .summaries import ATTACKED, summary

PICTURES = {name: b"\x89PNG" + name.encode() for name in ("confusion", "curve", "reliability", "examples")}
FAILED = {"name": "Too good", "passed": False, "detail": "8.0% still right"}


class Page(HTMLParser):
    """Every tag of a page, and its balance."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_everything_is_inside_one_well_formed_file():
    html = render_report(summary(), PICTURES)
    page = Page(html)
    assert page.open == []
    images = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert images == ["data:image/png;base64," + base64.b64encode(content).decode() for content in PICTURES.values()]
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
    for outside in ("http:", "https:", "@import", "url("):
        assert outside not in html


def test_all_figures_are_shown_and_names_escaped():
    html = render_report(summary(), PICTURES)
    assert "&lt;b&gt;a model&lt;/b&gt;" in html
    assert "<b>a model" not in html
    for text in (
        "1,234,567 parameters",
        "80.0",
        "30.0",
        "L2 0.3",
        "L∞ 2/255",
        "8 x 8",
        "c0ffee",
        "da7a",
        "beef",
    ):
        assert text in html
    for name in ATTACKED:
        assert name in html


def test_a_failed_check_is_red_in_the_verdict_and_only_then():
    def card(checks):
        html = render_report(summary(checks), PICTURES)
        return html[html.index('id="verdict"') - 40 : html.index("Model card")]

    assert 'class="bad"' in card([FAILED])
    assert "Too good: 8.0% still right" in card([FAILED])
    assert "failed" in card([FAILED])
    assert 'class="bad"' not in card([{**FAILED, "passed": True}])


def test_without_attack():
    html = render_report(summary(attacked={}), {"confusion": b"PNG"})
    assert "not attacked" in html
    assert "not measured" in html


def test_a_missing_value_is_an_error_not_a_gap():
    with pytest.raises(UndefinedError):
        render_page("comparison.html", tables=[])
