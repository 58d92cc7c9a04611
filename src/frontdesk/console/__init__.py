"""The web console: pages, templates, assets."""
