"""Translations between our ports and outside providers, one folder a provider. They never import the domain."""
