"""Real models as brains: an agent with tools for each vendor, behind guardrails that hold whatever the model says.

`agent` asks a model, `prompt` is what it is told, `guarded` decides what may be said and done of what it answers.
Importing this package imports no vendor's SDK: `opening` does, once a model is configured.
"""
