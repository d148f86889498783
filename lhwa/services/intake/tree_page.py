"""A tree as one HTML page: the drawing, and every text in full for whoever has to read it through.

Invariant: the page loads nothing and runs nothing, and its own policy says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Consent, Node, Question, Tree
from lhwa.domain.intake.wording import Language
from lhwa.domain.text import safe_text
from lhwa.services.intake.node_words import kind_of, words_of
from lhwa.services.intake.tree_svg import COLOURS, anchor, colour_of, svg

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    COLOURS
    + """
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 Arial, "Liberation Sans", Helvetica,
  sans-serif; }
header, main { padding: 1.2rem 1.6rem; }
h1 { margin: 0; font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 0 0 .8rem; }
p.facts { margin: .2rem 0 .8rem; color: var(--soft); }
.legend span { margin-right: 1.2rem; white-space: nowrap; }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin-right: .4rem; }
.drawing { overflow: auto; max-height: 86vh; border-block: 1px solid var(--line); scroll-padding: 4rem; }
.drawing div { position: relative; width: max-content; margin: auto; }
.drawing svg { display: block; }
.drawing i { position: absolute; left: max(0px, 50% - 46vw); top: 0; scroll-initial-target: nearest; }
article { background: var(--box); border-left: 4px solid; border-radius: .4rem; padding: .7rem 1rem; margin: 0 0 .7rem;
  max-width: 46rem; }
a { color: var(--question); }
article h3 { margin: 0; font-size: .85rem; } article h3 code { color: var(--soft); font-weight: normal; }
article p { margin: .3rem 0; white-space: pre-line; overflow-wrap: anywhere; }
article ul { margin: .3rem 0; padding-left: 1.2rem; } article small { color: var(--soft); }
"""
    + "".join(
        f".{kind}-text {{ border-color: var(--{kind}); }} i.{kind} {{ background: var(--{kind}); }}\n"
        for kind in ("consent", "question", "review", "person")
    )
)


def page(tree: Tree, language: Language) -> str:
    """The whole page."""
    flow = Flow(tree)
    title = _text(tree.title.in_language(language))
    facts = (
        f"{_text(tree.name)}; nodes: {len(flow.nodes)}; questions on the longest path: "
        f"{flow.questions_on_the_longest_path}; reminder after {tree.remind_after_h} h; expires after "
        f"{tree.expire_after_h} h" + ("; a first message starts it" if tree.is_entry else "")
    )
    legend = "".join(
        f'<span><i class="{kind}"></i>{words}</span>'
        for kind, words in (
            ("consent", "consent"),
            ("question", "question, dashed when it may be skipped"),
            ("review", "review by a lawyer"),
            ("person", "to a person at once"),
        )
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<header><h1>{title}</h1><p class="facts">{facts}</p><div class="legend">{legend}'
        f'<a href="#{anchor(tree.start)}">to the first step</a></div></header>\n'
        # A wide drawing begins in its middle: the mark is where a reader starts, the link for older browsers.
        f'<div class="drawing" tabindex="0"><div><i></i>\n{svg(tree, language)}</div></div>\n'
        f"<main><h2>Every text in full</h2>\n{''.join(_articles(flow, language))}</main>\n</body>\n</html>\n"
    )


def _articles(flow: Flow, language: Language) -> Iterator[str]:
    for node in flow.nodes.values():
        yield (
            f'<article class="{colour_of(node)}-text"><h3>{_text(kind_of(node))} '
            f'<code><a href="#{anchor(node.id)}">{_text(node.id)}</a></code></h3>'
            f"<p>{_text(words_of(node, language), newlines=True)}</p>{_answers(node, language)}</article>\n"
        )


def _answers(node: Node, language: Language) -> str:
    if isinstance(node, Consent):
        buttons = (words.in_language(language) for words in (node.agree, node.decline))
        return "".join(f"<small>[ {_text(words)} ]</small> " for words in buttons)
    if not isinstance(node, Question) or not node.options:
        return ""
    items = (
        f"<li>{_text(option.title.in_language(language))}"
        + (f" <small>{_text(option.description.in_language(language))}</small>" if option.description else "")
        + "</li>"
        for option in node.options
    )
    return f"<ul>{''.join(items)}</ul>"


def _text(text: str, *, newlines: bool = False) -> str:
    return escape(safe_text(text, newlines=newlines))
