"""The simulator's REST: virtual handsets that text, what reaches them, captured mail, and faults on demand.

Ours and not published. For members of an organisation, and its keys (not for mail); each sees and strikes its own.
"""
