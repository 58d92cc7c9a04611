"""Identity: people, their passwords, sessions and tokens, and who is behind a credential."""
