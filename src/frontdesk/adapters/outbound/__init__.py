"""The one way to addresses that users gave."""
