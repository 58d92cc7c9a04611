"""Use cases of billing: `metering` counts, `limits` holds calls to it, `reading` tells, `paying` is about money."""
