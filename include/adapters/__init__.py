"""The outside world behind the ports: one module per outside thing, clients injected."""
