"""Contacts, conversations, messages and statuses."""
