"""What the features stand on: settings, database, units of work, events, queue, crypto, limits, telemetry."""
