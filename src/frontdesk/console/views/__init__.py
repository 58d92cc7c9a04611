"""What pages show, as small records and words made from the domain's."""
