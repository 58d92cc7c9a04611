"""Other systems that an organisation works with: which there are, and which are connected."""
