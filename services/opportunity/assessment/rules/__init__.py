"""Decisions about models and assessments, as plain functions."""
