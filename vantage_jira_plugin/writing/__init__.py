"""Writes that happen once and are seen at once: the ledger of keyed writes, finding lost ones, recent writes."""
