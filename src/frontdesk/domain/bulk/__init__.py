"""What is done with many leads at once, with progress and a way back."""
