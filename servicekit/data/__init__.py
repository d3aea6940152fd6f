"""Statements, transactions, migrations, audit: how a service keeps its data."""
