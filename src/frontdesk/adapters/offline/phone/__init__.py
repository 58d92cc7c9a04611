"""The offline brain on the phone: the same senses and deeds, other words, and what a receptionist asks and notes."""
