"""Use cases of numbers: `accounts` for people, `carriers` for the features that text."""
