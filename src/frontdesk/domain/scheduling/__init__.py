"""Free times and bookings."""
