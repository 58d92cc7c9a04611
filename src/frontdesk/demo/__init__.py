"""The demo: an organisation to look at, and a rehearsal of the main job with people who are made up."""
