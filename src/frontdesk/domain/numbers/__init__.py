"""The numbers that organisations text from, and their accounts with carriers."""
