"""What people are told, in the console and by mail."""
