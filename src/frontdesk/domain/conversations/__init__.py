"""Conversations: threads, messages, replies."""
