"""Calls from one service to another."""
