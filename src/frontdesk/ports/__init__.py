"""Protocols of what lies outside the product. Adapters implement them, the domain and the jobs use them."""
