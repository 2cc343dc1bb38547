"""An assessment as HTML: a fragment for notebooks, and a page of its own, without scripts, every value escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from mlops_magics.core import phrases
from mlops_magics.core.documents.document_page import WHOLE
from mlops_magics.core.readiness.ml_test_score import SECTIONS
from mlops_magics.core.readiness.pay_off import RULE
from mlops_magics.core.readiness.question import LEVELS, VERSION, Answered, Checked
from mlops_magics.core.readiness.team_evidence import Link

if TYPE_CHECKING:
    from mlops_magics.core.readiness.assessment_facts import AssessmentFacts

STYLE = """
.mlops-readiness{font:14px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);max-width:70rem;
color:var(--jp-ui-font-color1,light-dark(#1f1f1f,#e2e2e2));
background:var(--jp-layout-color0,light-dark(#fff,#15171a))}
.mlops-readiness a{color:light-dark(#1363b1,#7ab8ff)}
.mlops-readiness h2,.mlops-readiness h3{margin:1.2em 0 .3em;line-height:1.3}
.mlops-readiness ol.six{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));
gap:.6rem}
.mlops-readiness ol.six>li,.mlops-readiness details{
border:1px solid var(--jp-border-color2,light-dark(#ccc,#3a3d42));border-radius:4px;
padding:.6rem .8rem}
.mlops-readiness .bar{letter-spacing:.15em}
.mlops-readiness ul{padding-left:1.2rem}
.mlops-readiness li.no{opacity:.85}
.mlops-readiness table{border-collapse:collapse}
.mlops-readiness td,.mlops-readiness th{text-align:left;padding:.15rem .7rem .15rem 0;vertical-align:top}
.mlops-readiness code{overflow-wrap:anywhere}.mlops-readiness pre{white-space:pre-wrap}
"""
_ADDRESSES = ("http://", "https://", "file://")


def page(record: AssessmentFacts) -> str:
    """Return a whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Readiness</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        + f"<style>{WHOLE}</style></head><body>"
        + view(record)
        + "</body></html>"
    )


def view(record: AssessmentFacts) -> str:
    """Return the assessment as a fragment with its style."""
    return f'<style>{STYLE}</style><section class="mlops-readiness" aria-label="Readiness">{_content(record)}</section>'


def _content(record: AssessmentFacts) -> str:
    found, pay = record.evidence, record.pay_off
    questions = "".join(_question(number, each) for number, each in enumerate(record.questions, 1))
    counts = (
        f"{phrases.counted(pay.models, 'model')}, {phrases.counted(pay.versions, 'version')}. A month: "
        f"{pay.versions_per_month:g} new versions, {pay.updates_per_month:g} updates. People who pin: {pay.people}. "
        f"{phrases.counted(pay.endpoints, 'endpoint')}, {phrases.counted(pay.requests, 'request')}. "
        f"Looked at on {found.looked:%Y-%m-%d %H:%M} UTC"
    )
    return "".join(
        (
            f"<h2>Readiness</h2><p>{escape(counts)}</p>",
            f"<p><strong>{escape(pay.sentence)}</strong> {escape(RULE)}</p>",
            "".join(f"<p>Not read: {escape(each)}</p>" for each in found.unread),
            f'<ol class="six">{questions}</ol>',
            _score(record),
            _history(record),
            _levels(),
        )
    )


def _question(number: int, each: Answered) -> str:
    bar = "●" * each.level + "○" * (len(LEVELS) - 1 - each.level)
    label = f"level {each.level} of {len(LEVELS) - 1}, {each.level_name}"
    step = each.next_step
    following = (
        f"<p>Next step: {escape(step.condition)}</p><pre><code>{escape(step.finding.cell)}</code></pre>"
        if step is not None
        else "<p>All conditions hold.</p>"
    )
    return (
        f"<li><h3>{number}. {escape(each.words)}</h3>"
        f'<p><span class="bar" role="img" aria-label="{escape(label)}">{bar}</span> {escape(each.level_name)}</p>'
        f"<ul>{''.join(map(_checked, each.checked))}</ul>{following}</li>"
    )


def _checked(each: Checked) -> str:
    holds = each.finding.holds
    links = ", ".join(map(_link, each.finding.links))
    proof = f"<br>{links}" if links else ""
    return (
        f'<li class="{"yes" if holds else "no"}">{"✓" if holds else "✗"} '
        f'<span class="level">level {each.level}</span>: {escape(each.condition)} '
        f"{escape(phrases.sentence(each.finding.text))}.{proof}</li>"
    )


def _link(link: Link) -> str:
    """Return the address of a piece of evidence, else the magic that shows it."""
    if not link.href.startswith(_ADDRESSES):
        return f"<code>{escape(link.cell or link.target)}</code>"
    text = f'<code title="{escape(link.cell)}">{escape(link.target)}</code>'
    return f'<a href="{escape(link.href)}" rel="noreferrer">{text}</a>'


def _score(record: AssessmentFacts) -> str:
    score = record.score
    sums = ", ".join(f"{section} {score.sections[section]:g} of 7" for section in SECTIONS)
    rows = "".join(
        f"<tr><td>{escape(each.test.id)}</td><td>{escape(each.test.words)}</td>"
        f"<td>{'open' if each.points is None else f'{each.points:g}'}</td><td>{escape(each.found)}</td></tr>"
        for each in score.tests
    )
    return (
        f"<details><summary>ML Test Score {score.score:g}: {escape(score.meaning)}; {len(score.open)} of "
        f"{len(score.tests)} tests are open</summary><p>The score is the least of {escape(sums)}. An open test is "
        "answered with <code>%readiness --answer D5=yes</code> (it happens by itself), <code>partly</code> (by hand) "
        'or <code>no</code>.</p><table><thead><tr><th scope="col">id</th><th scope="col">test</th>'
        f'<th scope="col">points</th><th scope="col">found</th></tr></thead><tbody>{rows}</tbody></table></details>'
    )


def _history(record: AssessmentFacts) -> str:
    if not record.history:
        return ""
    return (
        '<details><summary>History</summary><table><thead><tr><th scope="col">looked</th><th scope="col">levels</th>'
        f'<th scope="col">score</th></tr></thead><tbody>{"".join(_past(record))}</tbody></table></details>'
    )


def _past(record: AssessmentFacts) -> Iterator[str]:
    for each in record.history:
        levels = " ".join(str(level) for level in each["levels"].values())
        score = str(each.get("score", ""))
        yield f"<tr><td>{escape(str(each['looked'])[:16])}</td><td>{escape(levels)}</td><td>{escape(score)}</td></tr>"


def _levels() -> str:
    names = ", ".join(f"{number} {name}" for number, name in enumerate(LEVELS))
    return (
        f"<p>Levels: {escape(names)}. A level is reached when its conditions and those below hold "
        f"(version {VERSION} of the conditions).</p>"
    )
