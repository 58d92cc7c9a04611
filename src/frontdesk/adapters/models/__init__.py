"""Real models as brains: an agent with tools for each vendor, behind guardrails that hold whatever the model says.

`agent` asks a model (`asking`: how any is asked), `prompt` is what it is told, `writing` reads its answer while it is
written, `guarded` decides what may be said and done of it.
Importing this package imports no vendor's SDK: `opening` does, once a model is configured.
"""
