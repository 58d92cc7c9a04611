"""Campaigns: three texts to every lead of a dataset, paced and gated."""
