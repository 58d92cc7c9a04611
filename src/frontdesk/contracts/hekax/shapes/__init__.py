"""Shapes of the HEKAX API, one file a resource."""
