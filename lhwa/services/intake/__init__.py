"""Intake: from a client's first message to a lawyer's decision, with the consent ledger and the conflict gate."""
