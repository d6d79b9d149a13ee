"""Write a study's report as Markdown, HTML and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from custom.files import write_together
from custom.markdown import escape_markdown, markdown_table
from custom.report.page import Cell, Section, Table, render_page
from custom.study.report.accuracy import accuracy_section, short_table
from custom.study.report.claims import PAPER, Finding, findings, recommendation
from custom.study.report.comparisons import Comparison, compare
from custom.study.report.measures import MAIN, TABLE_ONE
from custom.study.report.paper_tables import paper_section
from custom.study.report.time_to_accuracy import time_section
from custom.study.report.training import selection_section, training_section
from custom.study.results import Group, StudyResults, read_results

DRAWN = "report_figures"


def write_report(folder: Path) -> Path:
    """Make the report of a study beside the folder of its records.

    Written are ``report.md``, ``report.html``, ``report.csv``, and the figures in ``report_figures``. Nothing is
    trained or evaluated: a changed report needs no new run.

    Args:
        folder: of the records.

    Returns:
        The path of ``report.html``.

    Raises:
        FileNotFoundError: if there are no records, or no plan beside them.
        ValueError: if a record is damaged.
        OSError: if the report cannot be written.
    """
    results = read_results(folder)
    comparisons = {group.name: compare(group) for group in results.groups if group.tested and _tests(group)}
    found = {name: findings(group) for name, group in _named(results).items() if name in comparisons}
    sections = [conclusions(results, comparisons, found)]
    for group in results.groups:
        if "recipes" in group.facts:
            sections.append(selection_section(group))
        elif group.name in comparisons:
            paper = paper_section(group)
            sections += [accuracy_section(group, comparisons[group.name]), *([paper] if paper else [])]
            external = group.external
            if external is not None:
                sections.append(accuracy_section(external, compare(external)))
            sections.append(training_section(group))
        timed = time_section(group)
        sections += [timed] if timed else []
    sections.append(origin(results))
    place, title = folder.resolve().parent, f"Study {results.name}"
    page = place / "report.html"
    figures = {f"{panel.name}.png".replace(" ", "_"): panel.png for section in sections for panel in section.panels}
    if figures:
        write_together({place / DRAWN / name: content for name, content in figures.items()})
    for earlier in (place / DRAWN).glob("*.png"):
        if earlier.name not in figures:
            earlier.unlink()
    html = render_page(title, subtitle=_state(results), sections=sections, files=["report.csv", "report.md"])
    contents = {
        place / "report.md": report_markdown(title, _state(results), sections),
        place / "report.csv": report_csv(results, comparisons),
        page: html,
    }
    write_together({path: text.encode() for path, text in contents.items()})
    return page


def conclusions(
    results: StudyResults, comparisons: dict[str, list[Comparison]], found: dict[str, list[Finding]]
) -> Section:
    """What the figures say of the paper's claims, of the controls, and of which method to take.

    Args:
        results: the study's results.
        comparisons: of each group, by its name.
        found: the findings of each group, by its name.
    """
    facts: dict[str, str | Sequence[str]] = {}
    for name, group in _named(results).items():
        if name not in comparisons:
            continue
        sentences = [finding.sentence for finding in found[name] if finding.claim.source == PAPER]
        controls = [finding.sentence for finding in found[name] if finding.claim.source != PAPER]
        wishes = recommendation(group, comparisons[name])
        for title, texts in (("which method", wishes), ("the paper's claims", sentences), ("controls", controls)):
            if texts:
                facts[f"{group.title}: {title}"] = texts
    texts = [
        "These sentences are computed from the figures below. A claim is supported or contradicted if its difference "
        "is more than chance: p below 0.05 after Holm's correction for all claims of the group, three seeds or more."
    ]
    short = [short_table(group) for name, group in _named(results).items() if name in comparisons][:1]
    return Section("conclusions", "Conclusions", texts, short, facts=facts)


def origin(results: StudyResults) -> Section:
    """What made the figures: commands, code, data and seeds.

    Args:
        results: the study's results.
    """
    records = results.records
    facts = {
        "Commits": ", ".join(sorted({str(record["commit"]) for record in records})),
        "Versions": ", ".join(sorted({f"{k} {v}" for record in records for k, v in record["versions"].items()})),
        "Training version": ", ".join(sorted({str(record["training_version"]) for record in records})),
        "Seeds": ", ".join(map(str, sorted({int(record["settings"]["seed"]) for record in records}))),
        "Data (SHA-256)": sorted({f"{record['data']}: {record['data_sha256'][:16]}" for record in records}),
    }
    grid = f"bundle/configs/study/{results.name}.json"
    code = {
        "Repeat the runs": f"python scripts/study.py {grid} --data DATA --weights WEIGHTS",
        "Make this report again": "python scripts/study.py --report records",
    }
    return Section("origin", "How to repeat it", facts=facts, code=code)


def report_markdown(title: str, state: str, sections: Sequence[Section]) -> str:
    """The report as Markdown.

    Args:
        title: its heading.
        state: a line below.
        sections: its parts.
    """
    lines = [f"# {title}", "", escape_markdown(state), ""]
    for section in sections:
        lines += [f"## {escape_markdown(section.title)}", ""]
        for text in section.texts:
            lines += [escape_markdown(text), ""]
        for name, value in section.facts.items():
            values = [value] if isinstance(value, str) else list(value)
            lines += [f"**{escape_markdown(name)}**", "", *(f"- {escape_markdown(item)}" for item in values), ""]
        for table in section.tables:
            lines += _markdown_table(table)
        for panel in section.panels:
            path = f"{DRAWN}/{panel.name.replace(' ', '_')}.png"
            lines += [f"![{escape_markdown(panel.caption or section.title)}]({path})", ""]
        for heading, code in section.code.items():
            lines += [f"{heading}:", "", f"    {code}", ""]
    return "\n".join(lines)


def report_csv(results: StudyResults, comparisons: dict[str, list[Comparison]]) -> str:
    """One row for each group, arm and measure, and one for each difference; shares in [0, 1].

    Args:
        results: the study's results.
        comparisons: of each group, by its name.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["group", "arm", "minus", "measure", "seeds", "value", "low", "high", "p_value_holm"])
    for name, group in _named(results).items():
        if name not in comparisons:
            continue
        for arm_name, arm in group.tested.items():
            for measure in dict.fromkeys((*MAIN, *TABLE_ONE[:-1])):
                estimate = measure.estimate(arm, group.test_set)
                if estimate is not None:
                    ends = [f"{value:.6g}" for value in estimate[:3]]
                    writer.writerow([name, arm_name, "", measure.title, estimate.seeds, *ends, ""])
        for item in comparisons[name]:
            ends = [f"{value:.6g}" for value in item.difference[:3]]
            key = [name, item.arm, item.reference, item.measure.title, item.difference.seeds]
            writer.writerow([*key, *ends, f"{item.p_value:.6g}"])
    return text.getvalue()


def _named(results: StudyResults) -> dict[str, Group]:
    return {group.name: group for group in results.groups}


def _tests(group: Group) -> bool:
    return group.facts.get("evaluate") is not False


def _state(results: StudyResults) -> str:
    return f"{results.finished} of {results.planned} runs are finished."


def _markdown_table(table: Table) -> list[str]:
    heading = table.title or table.summary
    align = "l" * table.texts + "r" * (len(table.header) - table.texts)
    rows = [[_in_one_line(cell) for cell in row] for row in table.cells]
    header = [escape_markdown(text) for text in table.header]
    return [*([f"**{escape_markdown(heading)}**", ""] if heading else []), markdown_table(header, rows, align), ""]


def _in_one_line(cell: Cell) -> str:
    note = "; ".join(cell.note.splitlines())
    return escape_markdown(f"{cell.text} ({note})" if note else cell.text)
