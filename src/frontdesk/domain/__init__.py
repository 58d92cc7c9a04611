"""The business: one folder a feature (model, errors, events, store, service). No web framework, no HTTP client."""
