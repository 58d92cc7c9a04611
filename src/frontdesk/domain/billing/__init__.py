"""What is metered, and by it charged for."""
