"""Places for files. `local` is the disk of this machine."""
