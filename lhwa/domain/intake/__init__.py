"""Intake: question trees, the session that walks them, consent, urgency, parties. Pure: no clock, disk or network."""
