"""Billing: what plans cost, who has paid, how much is used, and what happens at a limit."""
