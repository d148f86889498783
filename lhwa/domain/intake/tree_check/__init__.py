"""`tree check`: what is wrong with a question tree, before any client walks it.

One module for each group of rules; a rule is a few lines that yield findings, and its name is a promise. `flow` knows
the paths; no rule walks the graph itself. A tree without errors never leaves a client without a next step.

Source: WhatsApp Cloud API, interactive messages; UU 27/2022 on personal data, Pasal 20-26; the advocates' code.
"""

from __future__ import annotations

from lhwa.domain.intake.tree_check.checking import check, check_together

__all__ = ["check", "check_together"]
