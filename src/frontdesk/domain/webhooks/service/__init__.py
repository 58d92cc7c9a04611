"""Use cases of outbound webhooks: `endpoints` are managed, `telling` makes deliveries of events, `sending` posts them,
`replaying` looks at them and has them sent again."""
