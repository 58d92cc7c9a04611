"""The published APIs. They translate; they never decide."""
