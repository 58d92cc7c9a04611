"""What happened lately, and the figures of the overview."""
