"""What the reactivation API takes and gives, by resource. Pure translation: no decisions, no I/O."""
