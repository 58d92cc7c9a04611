"""What an agent is told: knowledge and briefs."""
